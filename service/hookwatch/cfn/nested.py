"""Where the template of a nested stack lies.

Never fetches: only a path relative to the parent's file is read; a URL, an S3 place or an application of the
Serverless repository is a reason to leave the nested stack out.
"""

from pathlib import Path
from typing import Any

from hookwatch.cfn.template import Template, load
from hookwatch.cfn.values import TemplateError

_LOCATION = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


def nested_template(kind: str, properties: dict[str, Any], parent: Template, above: frozenset[Path]) -> Template | str:
    """Read the template that a resource nests.

    Returns:
        The template; the reason why it is left out; or an empty text when the resource nests nothing.
    """
    if kind not in _LOCATION:
        return ""
    location = properties.get(_LOCATION[kind])
    if not isinstance(location, str) or "://" in location or parent.path is None:
        return "its template is no local file"
    path = parent.path.parent / location
    if path.resolve() in above:
        return "its template nests itself"
    try:
        return load(path)
    except TemplateError as error:
        return str(error)
