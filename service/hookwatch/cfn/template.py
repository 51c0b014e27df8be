"""A template as it stands in its file.

Never resolves anything: `document` is the file's content with short tags in long form.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hookwatch.cfn.reader import read
from hookwatch.cfn.values import TemplateError


@dataclass(frozen=True, slots=True)
class Template:
    """One template.

    Attributes:
        path: Where it was read; None for text. Nested templates are looked up beside it.
        document: The whole template as plain data.
        lines: 1-based line of each resource's logical id.
    """

    path: Path | None
    document: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict)

    def section(self, name: str) -> dict[str, Any]:
        """Return a top-level section that is a mapping; an absent one is empty.

        Raises:
            TemplateError: The section is something else than a mapping.
        """
        value = self.document.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise TemplateError(f"the section {name} must be a mapping", self.path)
        return value


def load(path: Path | str) -> Template:
    """Read a template file (YAML or JSON).

    Raises:
        TemplateError: The file is missing, unreadable, or no template.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TemplateError("no such file", file) from None
    except IsADirectoryError:
        raise TemplateError("this is a folder; name the template file in it", file) from None
    except UnicodeDecodeError as error:
        raise TemplateError(f"not UTF-8 text (byte {error.start})", file) from None
    except OSError as error:
        raise TemplateError(f"cannot be read: {error.strerror}", file) from None
    return load_text(text, file)


def load_text(text: str, path: Path | None = None) -> Template:
    """Read a template from text; `path` is only for messages and nested templates.

    Raises:
        TemplateError: The text is no template.
    """
    document = read(text, path)
    template = Template(path, document.tree, document.lines)
    if not template.section("Resources"):
        raise TemplateError("no Resources section, so this is no CloudFormation or SAM template", path)
    return template
