"""What the judge of event patterns can refuse: a pattern, or an event.

This module never decides that something is wrong; it only names it. Standard library only.
"""

from __future__ import annotations

from typing import TypeAlias

Trail: TypeAlias = "tuple[Trail, str | int] | None"
"""Where we are in a document: a linked list from the inside out. Cheap to extend, rendered only when it is shown."""


def pointer(trail: Trail) -> str:
    """Render a trail as a JSON pointer (RFC 6901); the whole document is the empty string."""
    steps: list[str] = []
    while trail is not None:
        trail, step = trail
        steps.append(str(step).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{step}" for step in reversed(steps))


class InvalidPattern(ValueError):  # noqa: N818 - the name is fixed: checks and callers catch InvalidPattern
    """EventBridge would refuse this pattern.

    Attributes:
        reason: the text that EventBridge gives after "Event pattern is not valid. Reason: ", first line only
            (the wording of event-ruler 2.0.1, which the 42 recorded answers of the real service agree with).
        pointer: JSON pointer (RFC 6901) to the part that is wrong; "" is the whole pattern.
        hint: what we would add, where the reason alone misleads. None otherwise.
    """

    def __init__(self, reason: str, pointer: str = "", hint: str | None = None) -> None:
        """Keep the three parts apart, and one sentence of them for `str()`."""
        self.reason = reason
        self.pointer = pointer
        self.hint = hint
        place = f" (at {pointer})" if pointer else ""
        more = f" Hint: {hint}." if hint else ""
        super().__init__(f"Event pattern is not valid. Reason: {reason}{place}{more}")


class InvalidEvent(ValueError):  # noqa: N818 - pairs with InvalidPattern
    """This is not an event that can be judged: no JSON object, or beyond the stated bounds.

    Attributes:
        reason: what is wrong with it, in one line.
    """

    def __init__(self, reason: str) -> None:
        """Keep the reason, and EventBridge's own sentence with it for `str()`."""
        self.reason = reason
        super().__init__(f"Parameter Event is not valid. Reason: {reason}")


def refusal(reason: str, at: Trail) -> InvalidPattern:
    """Make the InvalidPattern for the place `at`."""
    return InvalidPattern(reason, pointer(at))
