"""The functions that put texts and lists together, over arguments that are already resolved.

Never looks anything up. An unresolved part makes the whole result unresolved, with the part's own reason.
"""

import base64
import json
from typing import Any

from hookwatch.cfn.values import Unresolved, as_text, find_unresolved


def join(argument: Any) -> Any:
    """Fn::Join."""
    match argument:
        case [str(delimiter), list(items)]:
            texts = [as_text(item) for item in items]
            faults = [text for text in texts if isinstance(text, Unresolved)]
            return faults[0] if faults else delimiter.join(str(text) for text in texts)
        case _:
            return fault(argument, "Fn::Join needs a delimiter and a list")


def split(argument: Any) -> Any:
    """Fn::Split."""
    match argument:
        case [str(delimiter), str(text)] if delimiter:
            return text.split(delimiter)
        case _:
            return fault(argument, "Fn::Split needs a delimiter and a text")


def select(argument: Any) -> Any:
    """Fn::Select; the index may be a text."""
    match argument:
        case [index, list(items)] if str(index).isdecimal():
            if int(index) < len(items):
                return items[int(index)]
            return Unresolved(f"Fn::Select {index} of a list of {len(items)}")
        case _:
            return fault(argument, "Fn::Select needs an index and a list")


def to_base64(argument: Any) -> Any:
    """Fn::Base64."""
    if not isinstance(argument, str):
        return fault(argument, "Fn::Base64 needs a text")
    return base64.b64encode(argument.encode("utf-8", "surrogatepass")).decode("ascii")


def to_json_string(argument: Any) -> Any:
    """Fn::ToJsonString, compact as CloudFormation writes it."""
    unresolved = next(find_unresolved(argument), None)
    return unresolved or json.dumps(argument, separators=(",", ":"), ensure_ascii=False)


def length(argument: Any) -> Any:
    """Fn::Length."""
    return len(argument) if isinstance(argument, list) else fault(argument, "Fn::Length needs a list")


def fault(argument: Any, message: str) -> Unresolved:
    """Return the reason of the first unresolved part, else the message."""
    return next(find_unresolved(argument), None) or Unresolved(message)
