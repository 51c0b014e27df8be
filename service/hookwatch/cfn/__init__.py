"""Reads CloudFormation and SAM templates offline.

Never calls AWS, never runs a transform and never guesses: what cannot be known from the files alone
becomes an `Unresolved` value with its reason, at the place where it stands.
"""

from hookwatch.cfn.resolver import resolve
from hookwatch.cfn.stack import Resource, Stack
from hookwatch.cfn.template import Template, load, load_text
from hookwatch.cfn.values import TemplateError, Unresolved, contains_unresolved, find_unresolved

__all__ = [
    "Resource",
    "Stack",
    "Template",
    "TemplateError",
    "Unresolved",
    "contains_unresolved",
    "find_unresolved",
    "load",
    "load_text",
    "resolve",
]
