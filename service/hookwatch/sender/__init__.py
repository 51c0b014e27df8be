"""Sends webhooks as GitHub and Twilio send them. Never receives one, and has no part in the Lambda function.

It signs with code of its own, written from the providers' documentation and not shared with `hookwatch.ingest`: what
both sides had wrong together, no test of the pair could see.
"""

from hookwatch.sender.examples import Example, Form, UnknownExampleError, load_example
from hookwatch.sender.forging import Forgery
from hookwatch.sender.request import OutgoingRequest, github_request, twilio_request
from hookwatch.sender.signing import sign_github, sign_twilio, with_body_hash

__all__ = [
    "Example",
    "Forgery",
    "Form",
    "OutgoingRequest",
    "UnknownExampleError",
    "github_request",
    "load_example",
    "sign_github",
    "sign_twilio",
    "twilio_request",
    "with_body_hash",
]
