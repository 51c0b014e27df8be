"""What every test may count on: no real AWS account, and no network but loopback."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from support import set_aws_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

set_aws_environment()

# Time limits on single examples make tests fail on busy machines without finding anything.
settings.register_profile("hookwatch", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("hookwatch")


@pytest.fixture(autouse=True)
def fresh_logger() -> None:
    """Powertools makes a service's logger once a process, with the stdout of that moment; every test has its own."""
    logging.Logger.manager.loggerDict.pop("hookwatch", None)


_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise AssertionError(f"a test tried to reach {address[0]}: only loopback is allowed")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Fail any test that reaches for the world."""
    socket.socket.connect = _loopback_only  # type: ignore[method-assign, assignment] # the point of this fixture
    yield
    socket.socket.connect = _connect  # type: ignore[method-assign] # and its undoing
