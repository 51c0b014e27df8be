"""What every test may count on: no real AWS account, and no network but loopback."""

from __future__ import annotations

import logging
import os
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


CLOCK = "clock"
ORDER = (CLOCK, "load")
"""The groups that take longest, and therefore begin."""

GIVES_WAY = 10
"""How much nicer everything is than the tests of the fast clock."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the workers of `--dist loadgroup` whole modules, and begin with what takes longest.

    What runs on a fast clock is one group, for one worker: two such sandboxes at once take each other's minutes.
    """

    def rank(item: pytest.Item) -> tuple[int, bool]:
        group = next(item.iter_markers("xdist_group")).args[0]
        return ORDER.index(group) if group in ORDER else len(ORDER), item.get_closest_marker("sandbox") is None

    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            group = CLOCK if item.get_closest_marker(CLOCK) else item.nodeid.partition("::")[0]
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=rank)


_gave_way = "PYTEST_XDIST_WORKER" not in os.environ


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a worker give way to the fast clock as soon as it runs anything else."""
    global _gave_way  # noqa: PLW0603 - once a process, and there is no way back for it
    if not _gave_way and item.get_closest_marker(CLOCK) is None:
        os.nice(GIVES_WAY)
        _gave_way = True


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
