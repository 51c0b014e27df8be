"""Looks at a deployed stack and at the provider's side of it, and says what is wrong and what would mend it.

Never changes anything. What it sends through the public URL is a heartbeat, marked as such; `--no-ping` leaves it out.
"""

from hookwatch.doctor.finding import Finding, Verdict
from hookwatch.doctor.place import Place, Sandbox
from hookwatch.doctor.run import CHECKS, examine

__all__ = ["CHECKS", "Finding", "Place", "Sandbox", "Verdict", "examine"]
