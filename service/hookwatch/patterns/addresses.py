r"""IP addresses as event-ruler compares them: hexadecimal digits, from the left.

This module never resolves a name and never touches the network. Standard library only.

event-ruler turns an address into 8 digits (IPv4) or 32 (IPv6) and decides a range at the first digit that settles
it. That has consequences which the service shares (it runs event-ruler) and which we therefore keep: an IPv4 range
also takes IPv6 addresses that begin with the same digits (`0.0.0.0/0` takes `::1`), and an IPv4-mapped IPv6
address counts as IPv4.
"""

from __future__ import annotations

import re

V4_DIGITS, V6_DIGITS = 8, 32
_MASK_LIMITS = {V4_DIGITS: ("IPv4", 32), V6_DIGITS: ("IPv6", 128)}
"""Mask bits have to be below these: event-ruler 2.0.1 refuses /32 and /128 (facts measured 2026-11)."""

_V4_SHAPE = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", re.ASCII)
_V6_SHAPE = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+")
_V4_LONGEST = 15
_V6_GROUPS = 8
_OCTET_MAX, _GROUP_MAX, _JAVA_INT_MAX = 255, 0xFFFF, 2**31 - 1
_MAPPED_V4 = "0" * 20 + "FFFF"


class NotAnAddress(ValueError):  # noqa: N818 - a value on its way to InvalidPattern
    """The text is no address or no CIDR block; the message is event-ruler's."""


def digits(text: str) -> str | None:
    """Give the hexadecimal digits of an address, or None where the text is no address."""
    if _V4_SHAPE.fullmatch(text):
        return _v4(text)
    if _V6_SHAPE.fullmatch(text):
        return _v6(text)
    return None


def block(text: str) -> tuple[str, str]:
    """Give the first and the last address of a CIDR block as digits.

    Raises:
        NotAnAddress: with the reason that the service gives.
    """
    parts = text.split("/")
    while parts and not parts[-1]:
        parts.pop()  # Java's split drops trailing empty parts: "10.0.0.0/8/" is a valid block
    if len(parts) != 2:  # noqa: PLR2004 - an address and a mask
        raise NotAnAddress("Malformed CIDR, one '/' required")
    address, mask = parts
    if not _INTEGER.fullmatch(mask) or abs(int(mask)) > _JAVA_INT_MAX:
        raise NotAnAddress("Malformed CIDR, mask bits must be an integer")
    if int(mask) < 0:
        raise NotAnAddress("Malformed CIDR, mask bits must not be negative")
    found = digits(address)
    if found is None:
        shaped = _V4_SHAPE.fullmatch(address) or _V6_SHAPE.fullmatch(address)
        raise NotAnAddress(f"{'Invalid' if shaped else 'Nonstandard'} IP address: {address}")
    family, limit = _MASK_LIMITS[len(found)]
    if int(mask) >= limit:
        raise NotAnAddress(f"{family} mask bits must be < {limit}")
    variable = (1 << (limit - int(mask))) - 1
    number = int(found, 16)
    width = len(found)
    return f"{number & ~variable:0{width}X}", f"{number | variable:0{width}X}"


def within(found: str, first: str, last: str) -> bool:
    """Tell whether digits lie in a block, decided from the left as event-ruler does.

    `found` may be shorter or longer than the block's own digits.
    """
    head = found[: len(first)]
    if len(head) == len(first):
        return first <= head <= last
    return first[: len(head)] < head < last[: len(head)]


def _v4(text: str) -> str | None:
    octets = [int(octet) for octet in text.split(".")] if len(text) <= _V4_LONGEST else [_OCTET_MAX + 1]
    if max(octets) > _OCTET_MAX:
        return None
    return "".join(f"{octet:02X}" for octet in octets)


def _v6(text: str) -> str | None:
    left, gap, right = text.partition("::")
    if "::" in right or right.startswith(":"):
        return None
    head, tail = _groups(left), _groups(right)
    if head is None or tail is None:
        return None
    missing = _V6_GROUPS - len(head) - len(tail)
    if (missing < 1) if gap else (missing != 0):
        return None
    found = "".join(f"{group:04X}" for group in [*head, *([0] * missing), *tail])
    return found.removeprefix(_MAPPED_V4)


def _groups(text: str) -> list[int] | None:
    if not text:
        return []
    parts = text.split(":")
    if not all(parts) or len(parts) > _V6_GROUPS:
        return None
    numbers = [int(part, 16) for part in parts]
    return numbers if max(numbers) <= _GROUP_MAX else None
