"""The replay function's entry point: what is parked goes onto the bus again, at least once, in no particular order.

A wrong environment raises here: the function then refuses to start and its first log line lists every problem.
"""

from __future__ import annotations

import os

from hookwatch.recover.replay_app import compose
from hookwatch.recover.replay_settings import load

handler = compose(load(os.environ))
