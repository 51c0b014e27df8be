"""The Lambda entry point. Does at import what every invocation needs, and nothing that can wait.

A wrong environment raises here: the function then refuses to start and its first log line lists every problem.
"""

from __future__ import annotations

import gc

# What is built now lives as long as the process: collecting on the way and scanning it later are both wasted.
gc.disable()

import os  # noqa: E402 - see above

from hookwatch.config import load  # noqa: E402 - see above
from hookwatch.ingest.app import compose  # noqa: E402 - see above

handler = compose(load(os.environ))

gc.freeze()
gc.enable()
