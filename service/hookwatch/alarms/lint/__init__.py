"""Finds what cfn-lint does not see in alarms, composite alarms and budgets.

Never deploys and never asks AWS. Every rule is in `RULES`; `lint_file` runs them over one template with its nested
stacks, over the alarms that the parameters leave out too.
"""

from hookwatch.alarms.lint.rules import RULES, Finding, Rule
from hookwatch.alarms.lint.run import lint_file, lint_template

__all__ = ["RULES", "Finding", "Rule", "lint_file", "lint_template"]
