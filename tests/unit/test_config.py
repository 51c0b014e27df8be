"""The environment becomes settings, or one error with every problem in it."""

from __future__ import annotations

import pytest

from hookwatch.config import VARIABLES, ConfigError, Keeping, SharedKey, load

GOOD = {"HOOKWATCH_PROVIDER": "github", "HOOKWATCH_SECRET_ARN": "arn:aws:s", "HOOKWATCH_EVENT_BUS": "default"}


def test_the_least_environment():
    """Three variables are enough; everything else has a default."""
    settings = load(GOOD)
    assert (settings.provider, settings.event_bus, settings.event_format) == ("github", "default", "hookwatch")
    assert settings.max_entry_bytes == 1_000_000
    assert settings.public_url is None
    assert settings.shared_key is None
    assert settings.keeping == Keeping(None, None, None)


def test_everything_set():
    """Every variable reaches its setting."""
    settings = load(
        {
            "HOOKWATCH_PROVIDER": "twilio",
            "HOOKWATCH_SECRET_ARN": "arn:aws:s",
            "HOOKWATCH_EVENT_BUS": "arn:aws:events:eu-west-1:123456789012:event-bus/hooks",
            "HOOKWATCH_EVENT_FORMAT": "quickstart",
            "HOOKWATCH_MAX_ENTRY_BYTES": "262144",
            "HOOKWATCH_PUBLIC_URL": "https://hooks.example.com/twilio?a=b",
            "HOOKWATCH_SHARED_KEY_ID": "webhooks_sharedkey_1",
            "HOOKWATCH_SHARED_KEY_SECRET_ARN": "arn:aws:k",
            "HOOKWATCH_PARKING_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/hooks-parked",
            "HOOKWATCH_CLAIM_BUCKET": "hooks-claimbucket-1x2y3z",
            "HOOKWATCH_DEDUPE_TABLE": "hooks-seen",
            "HOOKWATCH_DEDUPE_HOURS": "2",
        }
    )
    assert settings.event_format == "quickstart"
    assert settings.max_entry_bytes == 262_144
    assert settings.public_url == "https://hooks.example.com/twilio?a=b"
    assert settings.shared_key == SharedKey("webhooks_sharedkey_1", "HMAC_SHA256", "arn:aws:k")
    queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/hooks-parked"
    assert settings.keeping == Keeping(queue, "hooks-claimbucket-1x2y3z", "hooks-seen", 7200)


def test_every_problem_at_once():
    """A wrong environment is reported whole, so that it is mended in one round."""
    with pytest.raises(ConfigError) as caught:
        load({"HOOKWATCH_EVENT_FORMAT": "xml", "HOOKWATCH_MAX_ENTRY_BYTES": "-1", "HOOKWATCH_PUBLIC_URL": "ftp://x"})
    message = str(caught.value)
    for name in (
        "HOOKWATCH_PROVIDER",
        "HOOKWATCH_SECRET_ARN",
        "HOOKWATCH_EVENT_BUS",
        "HOOKWATCH_EVENT_FORMAT",
        "HOOKWATCH_MAX_ENTRY_BYTES",
        "HOOKWATCH_PUBLIC_URL",
    ):
        assert f"- {name} " in message


@pytest.mark.parametrize("name", VARIABLES)
def test_no_value_is_shown(name: str):
    """A value never appears in the message: it may be a secret in the wrong place."""
    with pytest.raises(ConfigError) as caught:
        load({name: "ghp_verysecret token#@"})
    assert "verysecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOOKWATCH_PROVIDER", "nobody"),
        ("HOOKWATCH_PROVIDER", "../github"),
        ("HOOKWATCH_SECRET_ARN", "two words"),
        ("HOOKWATCH_EVENT_BUS", "my bus"),
        ("HOOKWATCH_MAX_ENTRY_BYTES", "²"),
        ("HOOKWATCH_MAX_ENTRY_BYTES", "2000000"),
        ("HOOKWATCH_PUBLIC_URL", "https://user:password@example.com/"),
        ("HOOKWATCH_PUBLIC_URL", "https://example.com/#rc=3"),
        ("HOOKWATCH_SHARED_KEY_ID", "webhooks_sharedkey_1"),
        ("HOOKWATCH_PARKING_QUEUE_URL", "hooks-parked"),
        ("HOOKWATCH_CLAIM_BUCKET", "arn:aws:s3:::hooks"),
        ("HOOKWATCH_CLAIM_BUCKET", "Hooks"),
        ("HOOKWATCH_DEDUPE_TABLE", "a table"),
        ("HOOKWATCH_DEDUPE_HOURS", "0"),
        ("HOOKWATCH_SHARED_KEY_ALGORITHM", "HMAC_MD5"),
    ],
)
def test_wrong_values(name: str, value: str):
    """A value that cannot be right stops the function before it starts."""
    with pytest.raises(ConfigError, match=name):
        load({**GOOD, name: value})
