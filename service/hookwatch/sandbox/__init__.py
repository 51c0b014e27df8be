"""The local cloud: what a laptop needs to see a webhook travel as it does on AWS.

Never imported by the Lambda functions; it runs them. It needs no AWS account and no container runtime.
"""
