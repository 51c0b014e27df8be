"""Makes AWS clients, all on one session. The only module that imports botocore's session; nothing else builds clients.

boto3 is a layer over these same clients. Leaving it out, and never making a second session, saves a third of the cold
start of AWS's own quick start (`make bench` prints how much on this machine).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import botocore
import botocore.session
from botocore.config import Config

from hookwatch import __version__

if TYPE_CHECKING:
    from botocore.session import Session


@cache
def _session() -> Session:
    return botocore.session.get_session()


def client(service: str, *, connect_s: float, read_s: float, attempts: int = 1) -> Any:
    """A client whose calls wait for nothing longer than they are told to.

    An attempt takes `connect_s + read_s` seconds where the first address of the endpoint answers. Each one that does
    not costs another `connect_s`, because urllib3 tries them all; and an answer may come in drips.

    Args:
        service: the service's name, such as `events`.
        connect_s: time for TCP and TLS to connect to one address, seconds.
        read_s: the longest silence while waiting for an answer, seconds.
        attempts: how often botocore may try in all.
    """
    return _session().create_client(
        service,
        config=Config(
            connect_timeout=connect_s,
            read_timeout=read_s,
            retries={"mode": "standard", "total_max_attempts": attempts},
            # Every value that we send has been checked by us, and composing botocore's own user agent is a quarter of
            # the CPU of a call (facts measured 2026-11).
            parameter_validation=False,
            user_agent=f"hookwatch/{__version__} Botocore/{botocore.__version__}",
        ),
    )
