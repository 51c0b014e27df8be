"""What `hookwatch parked` says below its options: what a command costs, how it ends, examples. Texts only."""

from __future__ import annotations

LIST_EPILOG = """\
Looking at a message receives it and gives it back at once. Each look counts as a receive, and a message that was
received ReplayMaxReceives times goes to the dead-letter queue: so --sample is small, and 0 looks at none.

Exit codes: 0 nothing waits; 1 something does; 2 misuse, not found, not allowed.

Examples:

\b
  hookwatch parked list
  hookwatch parked list --stack hooks --sample 50 --json
"""
SHOW_EPILOG = """\
ID is the delivery id or SQS's message id. Messages are looked at until it is found; each look counts as a receive.
The payload is somebody's data and is shown only with --payload.

Exit codes: 0 shown; 1 not among the messages looked at; 2 misuse, not found, not allowed.

Examples:

\b
  hookwatch parked show 72d3162e-cc78-11e3-81ab-4c9367dc0958
  hookwatch parked show 72d3162e-cc78-11e3-81ab-4c9367dc0958 --payload --json
"""
REPLAY_EPILOG = """\
The function of the stack replays by itself; this is for whoever does not want to wait, or wants to see it. Publishes
from here, with your rights, in no particular order and at least once. What waits after a failure cannot be received by
anybody until its time is over, 15 minutes at most. Without --yes nothing is changed.

Exit codes: 0 replayed, planned, or nothing to do; 1 something failed, was given up, or still waits; 2 misuse, not
found, not allowed.

Examples:

\b
  hookwatch parked replay                       what would happen
  hookwatch parked replay --yes
  hookwatch parked replay --max 10 --yes        ten first
"""
MOVE_EPILOG = """\
Brings messages of the dead-letter queue back into the parking queue, where the function replays them. What was given up
as damaged stays, unless --damaged: it would only come back. Without --yes nothing is changed.

Exit codes: 0 moved, planned, or nothing to do; 1 not all of it was moved; 2 misuse, not found, not allowed.

Examples:

\b
  hookwatch parked move-back                                      what would happen
  hookwatch parked move-back --reason too_many_receives --yes
  hookwatch parked move-back --reason object_missing --max 1 --yes
"""
