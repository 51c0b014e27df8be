"""The secret in Secrets Manager, as a rotation sees it. Never shows a value, and never decides what to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import PENDING, Key, Version, Versions

if TYPE_CHECKING:
    from hookwatch.recover.loop_stop_aws import Account

SERVICE = "secretsmanager"
PAGE = 100


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret."""

    account: Account
    secret_id: str

    def read(self) -> Versions | Problem:
        """Its versions and their labels."""
        described = self._ask("describe_secret")
        if isinstance(described, Problem):
            return described
        if described.get("DeletedDate"):
            return Problem("the secret is scheduled for deletion: restore it with `aws secretsmanager restore-secret`")
        found: list[Version] = []
        more: dict[str, Any] = {}
        while True:
            page = self._ask("list_secret_version_ids", MaxResults=PAGE, **more)
            if isinstance(page, Problem):
                return page
            found += [
                Version(each["VersionId"], frozenset(each.get("VersionStages", [])), each["CreatedDate"])
                for each in page.get("Versions", [])
            ]
            if not page.get("NextToken"):
                return Versions(tuple(found), described.get("LastChangedDate") or described["CreatedDate"])
            more = {"NextToken": page["NextToken"]}

    def key(self, version: Version) -> Key | Problem:
        """The value of a version."""
        answer = self._ask("get_secret_value", VersionId=version.version_id)
        if isinstance(answer, Problem):
            return answer
        text = answer.get("SecretString")
        if not text or not text.strip():
            return Problem("the secret holds no text: functions take its text as it stands as the key")
        return Key(text)

    def store(self, version_id: str, key: Key) -> Problem | None:
        """Make a version that functions accept beside the current one."""
        return self._done(
            "put_secret_value", ClientRequestToken=version_id, SecretString=key.text, VersionStages=[PENDING]
        )

    def put(self, label: str, version: Version, versions: Versions) -> Problem | None:
        """Put a label on a version, taking it from whichever has it."""
        holder = versions.at(label)
        if holder is not None and holder.version_id == version.version_id:
            return None
        taken = {} if holder is None else {"RemoveFromVersionId": holder.version_id}
        return self._done(
            "update_secret_version_stage", VersionStage=label, MoveToVersionId=version.version_id, **taken
        )

    def drop(self, label: str, version: Version) -> Problem | None:
        """Take a label from a version."""
        if label not in version.labels:
            return None
        return self._done("update_secret_version_stage", VersionStage=label, RemoveFromVersionId=version.version_id)

    def _done(self, operation: str, **parameters: Any) -> Problem | None:
        answer = self._ask(operation, **parameters)
        return answer if isinstance(answer, Problem) else None

    def _ask(self, operation: str, **parameters: Any) -> dict[str, Any] | Problem:
        return self.account.ask(SERVICE, operation, SecretId=self.secret_id, **parameters)
