"""The ways to get a signature wrong on purpose. Knows no provider and never sends."""

from __future__ import annotations

from enum import StrEnum


class Forgery(StrEnum):
    """What is wrong with a request.

    `unsigned` has no signature header, `wrong-secret` is signed with a random key, and `tampered` was signed well and
    changed afterwards. All of them must be refused with a 4xx.
    """

    NONE = "none"
    UNSIGNED = "unsigned"
    WRONG_SECRET = "wrong-secret"  # noqa: S105 - a way to forge, not a secret
    TAMPERED = "tampered"

    @property
    def needs_secret(self) -> bool:
        """Whether the real secret takes part."""
        return self in (Forgery.NONE, Forgery.TAMPERED)

    def expects(self, status: int) -> bool:
        """Whether an HTTP status is the right answer: 2xx to a good request, 4xx to every other.

        429 is no refusal: the request was never looked at.
        """
        if self is Forgery.NONE:
            return 200 <= status < 300  # noqa: PLR2004 - 2xx is success
        return 400 <= status < 500 and status != 429  # noqa: PLR2004 - 4xx but "too many requests"
