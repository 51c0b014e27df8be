"""Brings a service back after something went wrong. Never part of the Lambda function that answers webhooks."""
