"""Lambda's loop detection: the lineage in the trace header, and when it is too long.

Never stops anything: it says that an invocation is one too many. Lambda counts, in the header's Lineage, how often each
function ran in one chain, and drops the next after about sixteen
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html, read 2026-11-27). How a function is
marked is not documented; the form is (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html, tracing
header, read 2026-11-27): `Lineage=a87bd80c:1|68fd508a:5`, and newer headers have a number before it.
EventBridge and the providers pass no lineage on, so that a loop through them is never seen here, as on AWS.
"""

from __future__ import annotations

import re
from hashlib import sha256

MAX_RUNS = 16
_HOP = re.compile(r"(?:\d+:)?([0-9a-f]{8}):(\d{1,5})")


def continued(lineage: str, arn: str) -> tuple[str, int]:
    """Return the lineage that a function passes on, and how often it ran in this chain, this time included.

    Args:
        lineage: What came in; what has no such form counts as none.
        arn: The function's.
    """
    mark = sha256(arn.encode()).hexdigest()[:8]
    hops = {found[1]: int(found[2]) for part in lineage.split("|") if (found := _HOP.fullmatch(part))}
    hops[mark] = hops.get(mark, 0) + 1
    return "|".join(f"{each}:{count}" for each, count in hops.items()), hops[mark]
