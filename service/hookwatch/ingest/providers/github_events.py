"""Which top-level keys a payload of each GitHub event always has. Data only: it judges nothing.

Made by tools/github_events.py from @octokit/webhooks-examples 7.6.1 and @octokit/openapi-webhooks 12.1.0 (both MIT,
read 2026-11-22); do not edit by hand. `X-GitHub-Event` is not signed, so a payload without the keys of its row cannot
be the event that the header names. An event that is not listed is unknown to us, not wrong: GitHub adds events.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

CHARACTERISTIC_KEYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "branch_protection_rule": ("rule",),
        "check_run": ("check_run",),
        "check_suite": ("check_suite",),
        "code_scanning_alert": ("commit_oid",),
        "commit_comment": ("comment",),
        "create": ("master_branch",),
        "delete": ("pusher_type",),
        "dependabot_alert": ("alert",),
        "deploy_key": ("key",),
        "deployment": ("deployment",),
        "deployment_review": ("since",),
        "deployment_status": ("deployment_status",),
        "discussion": ("discussion",),
        "discussion_comment": ("discussion", "comment"),
        "fork": ("forkee",),
        "github_app_authorization": ("action",),
        "gollum": ("pages",),
        "installation": ("installation", "action"),
        "installation_repositories": ("repositories_added",),
        "issue_comment": ("comment", "issue"),
        "issues": ("issue",),
        "label": ("label",),
        "marketplace_purchase": ("marketplace_purchase",),
        "member": ("member",),
        "membership": ("scope",),
        "merge_group": ("merge_group",),
        "meta": ("hook", "action"),
        "milestone": ("milestone",),
        "org_block": ("blocked_user",),
        "organization": ("organization", "action"),
        "package": ("package",),
        "page_build": ("build",),
        "ping": ("zen",),
        "project": ("project",),
        "project_card": ("project_card",),
        "project_column": ("project_column",),
        "projects_v2_item": ("projects_v2_item",),
        "public": ("repository",),
        "pull_request": ("pull_request",),
        "pull_request_review": ("review",),
        "pull_request_review_comment": ("comment", "pull_request"),
        "pull_request_review_thread": ("thread",),
        "push": ("ref",),
        "release": ("release",),
        "repository": ("action", "repository"),
        "repository_dispatch": ("client_payload",),
        "repository_import": ("status",),
        "repository_vulnerability_alert": ("alert",),
        "secret_scanning_alert": ("alert",),
        "secret_scanning_alert_location": ("location",),
        "security_advisory": ("security_advisory",),
        "sponsorship": ("sponsorship",),
        "star": ("starred_at",),
        "status": ("sha", "state"),
        "team": ("team",),
        "team_add": ("team", "repository"),
        "watch": ("action", "repository"),
        "workflow_dispatch": ("inputs",),
        "workflow_job": ("workflow_job",),
        "workflow_run": ("workflow_run",),
    }
)
