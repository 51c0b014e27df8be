"""Stand-ins for parameters that have neither a value nor a default.

Never used outside lint, where only the form of an alarm is judged: with a stand-in its dimensions and expressions can
be read at all. What depends on the value itself is judged milder (a bus with a stand-in for a name may be the default).
"""

from typing import Any

from hookwatch.cfn import Template, TemplateError, Unresolved
from hookwatch.cfn.parameters import bind


def placeholders(template: Template, given: dict[str, Any]) -> dict[str, str]:
    """Return a stand-in for each missing text parameter: its first allowed value, else its own name."""
    found: dict[str, str] = {}
    for name, declared in template.section("Parameters").items():
        if name in given or not isinstance(declared, dict) or declared.get("Default") is not None:
            continue
        allowed = declared.get("AllowedValues")
        stand_in = str(allowed[0]) if isinstance(allowed, list) and allowed else name
        if _fits(template, name, stand_in):
            found[name] = stand_in
    return found


def _fits(template: Template, name: str, value: str) -> bool:
    try:
        return not isinstance(bind(template, {name: value}).values[name], Unresolved)
    except TemplateError:
        return False
