"""Reads a file of emissions: what functions do that no template can tell.

Never judges and never opens a template. Format (all of it: docs/patterns-lint.md):

    webhooks-bus: default              # where GitHub's and Twilio's events appear; left out: any bus
    emissions:
      - from: Responder                # a function, state machine, topic, queue, pipe or rule, by any of its names
        effect: github.comment         # or effects: [...]; `hookwatch patterns loops --effects` lists them
        as: {app: acme-bot}            # or {user: LOGIN}, {from: NUMBER, to: NUMBER}
      - from: Enricher
        bus: orders                    # left out: the default bus
        source: acme.orders
        detail-type: Enriched          # a value, or a list as in an event pattern: what it may hold
        copies: true                   # fields that are not listed are the triggering event's
        detail: {hop: 1, kind: [{prefix: a}], ref: {from-trigger: detail.ref}}
      - {from: Auditor, nothing: true} # may put events, but does not
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.cfn import TemplateError
from hookwatch.cfn.reader import read_data
from hookwatch.patterns import emissions_effects as effects
from hookwatch.patterns.compiler import compile_pattern
from hookwatch.patterns.emissions import Bus, Emission, FromTrigger, Holds
from hookwatch.patterns.emissions_effects import Actor
from hookwatch.patterns.errors import InvalidPattern

if TYPE_CHECKING:
    from pathlib import Path

_TOP = {"webhooks-bus", "emissions"}
_ENTRY = {"from", "effect", "effects", "as", "bus", "source", "detail-type", "detail", "copies", "nothing"}
_AS = {"app", "user", "login", "type", "from", "to"}


class EmissionsError(ValueError):
    """The file is no list of emissions; the message says where and what to write instead."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What one thing emits; replaces what was inferred for it. `source` is who, as the file names it."""

    source: str
    emissions: tuple[Emission, ...]


def load_emissions(path: Path) -> tuple[Declared, ...]:
    """Read a file of emissions.

    Raises:
        EmissionsError: unreadable, no YAML, or not of the form above.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise EmissionsError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise EmissionsError(f"{path}: {error.strerror or error}") from None
    return read_emissions(text, path)


def read_emissions(text: str, path: Path) -> tuple[Declared, ...]:
    """Read the text of such a file; `path` is only for messages.

    Raises:
        EmissionsError: as `load_emissions`.
    """
    try:
        top = _known(read_data(text, path), _TOP, str(path))
    except TemplateError as error:
        raise EmissionsError(str(error)) from None
    entries = top.get("emissions")
    if not isinstance(entries, list) or not entries:
        raise EmissionsError(f"{path}: `emissions` has to be a list with at least one entry")
    webhooks = top.get("webhooks-bus")
    bus = Bus(str(webhooks)) if webhooks is not None else None
    merged: dict[str, tuple[Emission, ...]] = {}
    for number, entry in enumerate(entries):
        declared = _entry(entry, bus, f"{path}: emissions[{number}]")
        merged[declared.source] = merged.get(declared.source, ()) + declared.emissions
    return tuple(Declared(source, found) for source, found in merged.items())


def _entry(entry: Any, webhooks: Bus | None, where: str) -> Declared:
    found = _known(entry, _ENTRY, where)
    who = found.get("from")
    if not isinstance(who, str) or not who:
        raise EmissionsError(f"{where}: `from` has to name who emits")
    if found.get("nothing") is True:
        if len(found) > len({"from", "nothing"}):
            raise EmissionsError(f"{where}: `nothing: true` stands alone with `from`")
        return Declared(who, ())
    detail = _fields(found.get("detail"), where)
    named = found.get("effects", found.get("effect"))
    if named is not None:
        extra = sorted({"source", "detail-type", "copies"} & found.keys())
        if extra:
            raise EmissionsError(f"{where}: an effect says its own {extra[0]}; leave it out")
        bus = Bus(str(found["bus"])) if "bus" in found else webhooks
        names = named if isinstance(named, list) else [named]
        actor = _actor(found.get("as"), where)
        return Declared(
            who, tuple(one for name in names for one in effects.effect(_effect(name, where), who, actor, bus, detail))
        )
    copies = found.get("copies") is True
    if not copies and "source" not in found:
        raise EmissionsError(f"{where}: name an `effect`, a `source`, `copies: true` or `nothing: true`")
    bus_name = str(found.get("bus") or "default")
    fields: list[tuple[str, Holds]] = [
        (key, _holds(found[key], f"{where}.{key}")) for key in ("source", "detail-type") if key in found
    ]
    fields += [(f"detail.{path}", holds) for path, holds in detail.items()]
    label = f"{who} puts an event on the bus {bus_name}"
    return Declared(who, (Emission(label, Bus(bus_name), tuple(fields), copies=copies, origin="declared"),))


def _effect(name: Any, where: str) -> str:
    found = effects.find(name) if isinstance(name, str) else None
    if found is None:
        raise EmissionsError(f"{where}: there is no effect {name!r}; known are {', '.join(effects.names())}")
    return found


def _actor(value: Any, where: str) -> Actor:
    if value is None:
        return Actor()
    found = _known(value, _AS, f"{where}.as")
    numbers, to = _numbers(found.get("from")), _numbers(found.get("to"))
    if app := found.get("app"):
        name = str(app).removesuffix("[bot]")
        return Actor(f"{name}[bot]", "Bot", name, numbers, to)
    if user := found.get("user"):
        return Actor(str(user), "User", None, numbers, to)
    login, kind = found.get("login"), found.get("type")
    bot = isinstance(login, str) and login.endswith("[bot]")
    kind = str(kind) if kind is not None else "Bot" if bot else None
    slug = login.removesuffix("[bot]") if isinstance(login, str) and bot else None
    return Actor(str(login) if login is not None else None, kind, slug, numbers, to)


def _numbers(value: Any) -> tuple[str, ...]:
    """Phone numbers; YAML reads one without quotes as an integer and so loses its plus sign."""
    values = value if isinstance(value, list) else [value] if value is not None else []
    return tuple(f"+{one}" if isinstance(one, int) else str(one) for one in values)


def _fields(value: Any, where: str, above: str = "") -> dict[str, Holds]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise EmissionsError(f"{where}.detail: has to map fields to what they hold")
    found: dict[str, Holds] = {}
    for key, item in value.items():
        path = f"{above}{key}"
        if isinstance(item, dict) and set(item) != {"from-trigger"}:
            found |= _fields(item, where, f"{path}.")
        else:
            found[path] = _holds(item, f"{where}.detail.{path}")
    return found


def _holds(value: Any, where: str) -> Holds:
    match value:
        case {"from-trigger": str(path)}:
            return FromTrigger(path)
        case dict():
            raise EmissionsError(f"{where}: write a value, a list as in an event pattern, or {{from-trigger: PATH}}")
        case list():
            entries = value
        case _:
            entries = [value]
    try:
        (alternative,) = compile_pattern({"x": entries}).alternatives
    except InvalidPattern as invalid:
        raise EmissionsError(f"{where}: {invalid.reason}") from None
    return alternative.leaves[0].matchers


def _known(value: Any, known: set[str], where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EmissionsError(f"{where}: has to be a mapping with {', '.join(sorted(known))}")
    unknown = sorted(str(key) for key in value if key not in known)
    if unknown:
        raise EmissionsError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return value
