"""Which grants a function, state machine or pipe of a template has.

Never evaluates policies (see `policies`); it only collects the documents that belong to a role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.patterns.loops import policies
from hookwatch.patterns.loops.policies import Grant
from hookwatch.patterns.loops.wiring import items, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookwatch.cfn import Resource

Walked = "Sequence[tuple[str, Resource]]"


class Roles:
    """The roles and policies of some resolved resources."""

    def __init__(self, walked: Sequence[tuple[str, Resource]]) -> None:
        self._walked = walked
        self._roles = {
            name: resource for _, resource in walked if resource.type == "AWS::IAM::Role" for name in _called(resource)
        }

    def of(self, holder: Resource) -> tuple[tuple[Grant, ...], str]:
        """Give the grants of a resource, and what had to be assumed about it ("" for nothing)."""
        parts = [self._sam(holder), self._connectors(holder)]
        role = holder.properties.get("Role") or holder.properties.get("RoleArn")
        if role is None:
            return policies.grants(parts), ""
        resource = self._roles.get(role.rpartition("/")[2]) if isinstance(role, str) else None
        if resource is None:
            return policies.grants(parts), "its role is not in the templates, so it is taken to put no events"
        return policies.grants([*parts, self._role(resource)]), ""

    def _role(self, role: Resource) -> Iterator[Grant]:
        for policy in items(role.properties.get("Policies")):
            yield from policies.document(policy.get("PolicyDocument"))
        attached = role.properties.get("ManagedPolicyArns")
        for arn in attached if isinstance(attached, list) else ():
            yield from policies.managed(arn)
        names = _called(role)
        for _, resource in self._walked:
            if resource.type in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
                properties = resource.properties
                roles = properties.get("Roles") or [properties.get("RoleName")]
                by_arn = isinstance(attached, list) and resource.ref in attached
                if by_arn or (isinstance(roles, list) and any(name in roles for name in names)):
                    yield from policies.document(properties.get("PolicyDocument"))

    def _sam(self, holder: Resource) -> Iterator[Grant]:
        found = holder.properties.get("Policies") if holder.type.startswith("AWS::Serverless::") else None
        for policy in found if isinstance(found, list) else [found]:
            match policy:
                case str():
                    yield from policies.managed(policy)
                case {"Statement": _}:
                    yield from policies.document(policy)
                case dict():
                    yield from policies.sam_template(policy)
                case _:
                    pass

    def _connectors(self, holder: Resource) -> Iterator[Grant]:
        for name, resource in self._walked:
            if resource.type != "AWS::Serverless::Connector":
                continue
            source, destination = resource.properties.get("Source"), resource.properties.get("Destination")
            permissions = resource.properties.get("Permissions")
            if not isinstance(source, dict) or not isinstance(permissions, list) or "Write" not in permissions:
                continue
            stack = name.rpartition(".")[0]
            if source.get("Id") == holder.logical_id:
                yield from self._connected(destination, stack)

    def _connected(self, destination: Any, stack: str) -> Iterator[Grant]:
        wanted = destination.get("Id") if isinstance(destination, dict) else None
        for name, resource in self._walked:
            if isinstance(wanted, str) and name == (f"{stack}.{wanted}" if stack else wanted):
                for action in policies.ACTIONS:
                    yield Grant(action, f"*{resource.physical_name}")


def _called(resource: Resource) -> tuple[str, ...]:
    return texts(resource.physical_name, resource.ref)
