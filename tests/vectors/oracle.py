"""twilio-python's own verifier, asked the way a web framework would ask it. Judges nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped] # twilio publishes no types

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class ManyValues:
    """Parameters of which a name may have several values, as Django hands them over."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Keep the pairs."""
        self._pairs = pairs

    def __iter__(self) -> Iterator[str]:
        """Every name, as often as it comes."""
        return iter([name for name, _ in self._pairs])

    def __len__(self) -> int:
        """How many pairs."""
        return len(self._pairs)

    def getlist(self, wanted: str) -> list[str]:
        """The values of one name."""
        return [value for name, value in self._pairs if name == wanted]


def oracle(url: str, content: list[tuple[str, str]] | str, signature: str, token: str) -> bool:
    """What twilio-python says of a signature over a form or a JSON text."""
    params = ManyValues(content) if isinstance(content, list) else content
    return bool(RequestValidator(token).validate(url, params, signature))


def oracle_signature(url: str, pairs: Sequence[tuple[str, str]], token: str) -> str:
    """What twilio-python computes over exactly this URL."""
    return str(RequestValidator(token).compute_signature(url, ManyValues(pairs)))
