"""The GitHub and Twilio function as it was before there was a parking queue."""

import os

os.environ.pop("HOOKWATCH_PARKING_QUEUE_URL", None)

from hookwatch.ingest.handler import handler  # noqa: F401 - the environment is read at import
