"""Which AWS operation a request calls.

Never looks at a payload beyond the name of the action, and never answers. The rules are those of the AWS protocols
(https://smithy.io/2.0/aws/protocols/, read 2026-11-22); for the REST protocols the service models that botocore ships
say which path belongs to which operation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, parse_qsl, urlsplit

import botocore.session
from botocore.exceptions import UnknownServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.faults_http import Request

Protocol = Literal["json", "query", "rest-xml", "rest-json", "cbor"]

UNKNOWN = "Unknown"
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]*/([^/,]+)/aws4_request")
_RPC_PATH = re.compile(r"/service/[^/]+/operation/([A-Za-z0-9]+)")
_LABEL = re.compile(r"\{([A-Za-z0-9_]+)(\+?)\}")

# Services whose signing name is not the name of their botocore model; only REST ones matter here.
_MODEL_NAMES = {"execute-api": "apigateway"}


@dataclass(frozen=True, slots=True)
class Call:
    """What a request calls: `operation` is AWS's name, or `Unknown`."""

    service: str
    operation: str
    protocol: Protocol


def identify(request: Request) -> Call:
    """Return what a request calls."""
    scope = _SCOPE.search(request.headers.get("authorization", ""))
    service = scope[1] if scope else ""
    if target := request.headers.get("x-amz-target"):
        return Call(service or target.split(".")[0], target.rsplit(".", 1)[-1], "json")
    url = urlsplit(request.target)
    if rpc := _RPC_PATH.fullmatch(url.path):
        return Call(service, rpc[1], "cbor")
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(request.body.decode(errors="replace")).get("Action", [UNKNOWN])[0]
        return Call(service, action, "query")
    if named := dict(parse_qsl(url.query)).get("Action"):
        return Call(service, named, "query")
    return _rest(request, service, url.path, dict(parse_qsl(url.query, keep_blank_values=True)))


def _rest(request: Request, service: str, path: str, query: Mapping[str, str]) -> Call:
    protocol: Protocol = "rest-xml" if service == "s3" else "rest-json"
    best, best_score = UNKNOWN, -1
    for route in _routes(service):
        score = route.score(request, path, query)
        if score > best_score:
            best, best_score = route.operation, score
    return Call(service, best, protocol)


@dataclass(frozen=True, slots=True)
class _Route:
    operation: str
    method: str
    path: re.Pattern[str]
    literal_chars: int
    query: tuple[tuple[str, str], ...]
    required: tuple[tuple[str, str], ...]

    def score(self, request: Request, path: str, query: Mapping[str, str]) -> int:
        """Return how closely a request fits; -1 where it does not."""
        if request.method != self.method or not self.path.fullmatch(path):
            return -1
        if any(query.get(name) != value for name, value in self.query):
            return -1
        for location, name in self.required:
            if name not in (query if location == "querystring" else request.headers):
                return -1
        return 100 * (len(self.query) + len(self.required)) + min(self.literal_chars, 99)


@lru_cache(maxsize=32)
def _routes(service: str) -> tuple[_Route, ...]:
    try:
        model: Any = botocore.session.Session().get_service_model(_MODEL_NAMES.get(service, service))
    except (UnknownServiceError, ValueError):
        return ()
    return tuple(_route(model.operation_model(name)) for name in model.operation_names)


def _route(operation: Any) -> _Route:
    path, _, query = operation.http.get("requestUri", "/").partition("?")
    pattern, end = "", 0
    for label in _LABEL.finditer(path):
        pattern += re.escape(path[end : label.start()]) + (".+" if label[2] else "[^/]+")
        end = label.end()
    pattern += re.escape(path[end:])
    members = operation.input_shape.members if operation.input_shape else {}
    required = [members[name].serialization for name in getattr(operation.input_shape, "required_members", [])]
    return _Route(
        operation=operation.name,
        method=operation.http.get("method", "POST"),
        path=re.compile(pattern.rstrip("/") + "/?"),
        literal_chars=len(_LABEL.sub("", path)),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        required=tuple(
            (where["location"], where["name"].lower() if where["location"] == "header" else where["name"])
            for where in required
            if where.get("location") in ("querystring", "header")
        ),
    )
