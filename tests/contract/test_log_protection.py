"""The log groups of template.yaml: what masks personal data in them, and what makes queries cheap."""

from __future__ import annotations

import re
from typing import Any

import pytest

from delivery_lines import written_fields
from sam_template import deployed, of_type

PROVIDERS = ("GitHub", "Twilio")


def policy(provider: str, **parameters: str) -> Any:
    """The data-protection policy of a provider's log group, None without one."""
    return deployed(**parameters).resources[f"{provider}LogGroup"].properties.get("DataProtectionPolicy")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_found_is_masked(provider: str) -> None:
    """The policy audits and masks the same identifiers, which CloudWatch demands of the two statements."""
    found = policy(provider)
    assert found["Version"] == "2021-06-01"
    audit, mask = found["Statement"]
    assert audit["DataIdentifier"] == mask["DataIdentifier"]
    assert (audit["Operation"], mask["Operation"]) == (
        {"Audit": {"FindingsDestination": {}}},
        {"Deidentify": {"MaskConfig": {}}},
    )
    named = {name for name in audit["DataIdentifier"] if not name.startswith("arn:")}
    assert named == {custom["Name"] for custom in found["Configuration"]["CustomDataIdentifier"]}
    assert "arn:aws:dataprotection::aws:data-identifier/EmailAddress" in audit["DataIdentifier"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+15017122661", True),
        ("+4930123456", True),
        ("72d3162e-cc78-11e3-81ab-4c9367dc0958", False),
        ("2026-11-23T01:02:14.739Z", False),
    ],
)
def test_numbers_of_every_country_are_masked_and_ids_are_not(text: str, masked: bool) -> None:
    """An international phone number matches; a delivery id and a timestamp do not."""
    found = policy("Twilio")
    (custom,) = found["Configuration"]["CustomDataIdentifier"]
    assert bool(re.search(custom["Regex"], text)) == masked


SWEEPING = {
    "Sweeper": "on",
    "SweeperRepository": "acme/shop",
    "SweeperTokenSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf",
}


def test_whoever_handles_deliveries_masks_alike() -> None:
    """The replay and the sweeper log under the same policy as the functions behind the URLs."""
    groups = deployed(**SWEEPING).resources
    for name in ("Replay", "Sweeper"):
        assert groups[f"{name}LogGroup"].properties["DataProtectionPolicy"] == policy("GitHub")


def test_masking_can_be_switched_off() -> None:
    """Whoever does not want to pay for it has no policy."""
    assert [policy(provider, MaskPersonalData="false") for provider in PROVIDERS] == [None, None]


def test_indexed_fields_are_fields_of_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what a line holds is indexed, at most twenty fields, as CloudWatch allows."""
    known = written_fields(capsys, monkeypatch)
    for group in of_type(deployed(), "AWS::Logs::LogGroup").values():
        (index,) = group.properties["FieldIndexPolicies"]
        assert set(index["Fields"]) <= known
        assert 0 < len(index["Fields"]) <= 20
