"""Which fields a Logs Insights query reads, as far as our own queries go.

Never runs a query. Commands and functions are those of
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html (read 2026-11-22); one that is not
listed here is a fault, so that a misspelt function cannot pass for a field.
"""

from __future__ import annotations

import re

COMMANDS = ("SOURCE", "fields", "filter", "stats", "sort", "limit", "display", "dedup")
FUNCTIONS = {
    *("avg", "bin", "count", "count_distinct", "earliest", "floor", "fromMillis", "ispresent", "latest", "max", "min"),
    *("now", "pct", "strcontains", "sum", "toMillis"),
}
WORDS = {"and", "or", "not", "in", "like", "as", "by", "asc", "desc"}
OF_CLOUDWATCH = {"@timestamp", "@log", "@message"}

_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"(?<![\w.@])@?[A-Za-z_][\w.]*")


class QueryError(ValueError):
    """What is no query that CloudWatch would take."""


def fields(query: str) -> set[str]:
    """The names that a query reads from the lines themselves.

    Raises:
        QueryError: an unknown command or function, or a name that stands before its definition.
    """
    read: set[str] = set()
    made: set[str] = set()
    aggregated = False
    for step in _STRING.sub("''", query).split("|"):
        command, _, rest = step.strip().partition(" ")
        if command not in COMMANDS:
            raise QueryError(f"no command {command}")
        if command == "SOURCE":
            continue
        aliases = set(re.findall(r"\bas (\w+)", rest))
        used = _used(re.sub(r"\bas \w+", "", rest), command)
        unknown = used - made - OF_CLOUDWATCH
        if aggregated and unknown:
            raise QueryError(f"{', '.join(sorted(unknown))} did not survive stats")
        read |= unknown
        made |= aliases
        if command == "stats":
            # Only the groups and what was named are left.
            groups = _used(rest.rpartition(" by ")[2], command) if " by " in rest else set()
            made, aggregated = aliases | groups, True
    return read


def _used(text: str, command: str) -> set[str]:
    functions = set(re.findall(r"(\w+)\(", text))
    if functions - FUNCTIONS - WORDS:
        raise QueryError(f"no function {', '.join(sorted(functions - FUNCTIONS - WORDS))}")
    bare = re.sub(r"\w+\(|\b\d+[smhd]?\b", " ", text)
    return {name for name in _NAME.findall(bare) if name not in WORDS} if command != "limit" else set()
