"""What every test may count on: no real AWS account, and no network but loopback."""

from __future__ import annotations

import logging
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from support import set_aws_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

set_aws_environment()

# A shell starts what it runs in the background deaf to Ctrl-C, and children inherit that; tests send it to commands.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Time limits on single examples make tests fail on busy machines without finding anything.
settings.register_profile("hookwatch", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("hookwatch")


DRILLS = "tests/drills/"
TOGETHER = (DRILLS, "tests/chaos/")
"""Folders whose tests run one after another, and before all others: the longest rows."""

GIVES_WAY = 10
"""How much nicer everything is than the drills."""


class Scheduling(LoadScopeScheduling):
    """Whole modules for each worker, and whole folders where two sandboxes at once would harm each other.

    In a drill a minute lasts a second: a second without the processor is a minute in which nothing happened.
    """

    def _split_scope(self, nodeid: str) -> str:
        together = (folder for folder in TOGETHER if nodeid.startswith(folder))
        return next(together, super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Deal out the tests of `pytest -n`."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""

    def rank(item: pytest.Item) -> tuple[bool, ...]:
        return (
            *(not item.nodeid.startswith(folder) for folder in TOGETHER),
            item.get_closest_marker("sandbox") is None,
        )

    items.sort(key=rank)


_gave_way = "PYTEST_XDIST_WORKER" not in os.environ


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a worker give way to the drills as soon as it runs anything else."""
    global _gave_way  # noqa: PLW0603 - once a process, and there is no way back for it
    if not _gave_way and not item.nodeid.startswith(DRILLS):
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
