"""hookwatch: GitHub and Twilio webhooks onto AWS EventBridge, observability first."""

__version__ = "0.1.0"
