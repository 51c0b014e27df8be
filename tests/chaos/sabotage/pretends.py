"""A function that says that it parked and keeps nothing: the bug that the chaos harness is there to find."""

from hookwatch.ingest.parking import Parking

Parking.park = lambda *_: None  # type: ignore[method-assign] # the sabotage itself

from hookwatch.ingest.handler import handler  # noqa: E402, F401 - made of what was just broken
