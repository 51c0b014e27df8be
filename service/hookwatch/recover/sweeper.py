"""The sweeper's entry point: every 15 minutes, what GitHub could not deliver is asked for again.

A wrong environment raises here: the function then refuses to start and its first log line lists every problem.
"""

from __future__ import annotations

import os

from hookwatch.recover.sweeper_app import compose
from hookwatch.recover.sweeper_settings import load

handler = compose(load(os.environ))
