"""Reads files into one site: CloudFormation and SAM templates, and Terraform plans.

Never judges. Which of them a file is, its content says.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hookwatch.cfn import TemplateError, load, resolve
from hookwatch.patterns.loops.site import Site
from hookwatch.patterns.loops.template import read_template
from hookwatch.patterns.loops.terraform import PLAN_BYTES_MAX, is_plan, read_plan
from hookwatch.patterns.loops.wiring import Where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

DEFAULT_WHERE = Where("us-east-1", "123456789012")
"""Where templates are taken to live, if nobody says; AWS's own documentation uses this account."""


class SourceError(Exception):
    """A file cannot be read; the message names it and says why."""


def read_site(paths: Sequence[Path], parameters: Mapping[str, Any], where: Where = DEFAULT_WHERE) -> Site:
    """Read all files into one site. A parameter goes to every template that has it.

    Raises:
        SourceError: a file cannot be read, or no template has one of the parameters.
    """
    site = Site(())
    used: set[str] = set()
    for path in paths:
        found, names = _read(path, parameters, where)
        site, used = site.plus(found), used | names
    missing = sorted(set(parameters) - used)
    if missing:
        raise SourceError(f"none of the templates has the parameter {missing[0]}")
    return site


def _read(path: Path, parameters: Mapping[str, Any], where: Where) -> tuple[Site, set[str]]:
    plan = _plan(path)
    if plan is not None:
        return read_plan(plan, str(path), where), set()
    try:
        template = load(path)
        declared = template.section("Parameters")
        given = {name: value for name, value in parameters.items() if name in declared}
        stack = resolve(template, given, where.region, where.account, path.stem)
    except TemplateError as error:
        raise SourceError(str(error)) from None
    return read_template(stack, where), set(declared)


def _plan(path: Path) -> dict[str, Any] | None:
    try:
        if path.suffix != ".json" or path.stat().st_size > PLAN_BYTES_MAX:
            return None
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None  # the template reader says what is wrong with it
    return document if is_plan(document) else None
