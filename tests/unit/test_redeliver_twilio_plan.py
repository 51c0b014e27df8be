"""Lost webhooks of Twilio's: why they failed, which belong together, what becomes of each. Nothing is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from hookwatch.ingest.providers.twilio import Twilio
from hookwatch.outcomes import ROWS, Outcome
from hookwatch.recover.cure import Cure
from hookwatch.recover.twilio_alert import Alert, outcome_of, status_of
from hookwatch.recover.twilio_cause import BY_CODE, cause_of
from hookwatch.recover.twilio_form import read_form
from hookwatch.recover.twilio_history import History
from hookwatch.recover.twilio_lost import Found, Lost, gather
from hookwatch.recover.twilio_plan import Verdict, Wanted, plan

NOW = datetime(2026, 11, 27, 18, tzinfo=UTC)
URL = "https://id.lambda-url.eu-west-1.on.aws/"
MESSAGE = (("MessageSid", "SM1"), ("From", "+15005550001"), ("To", "+15005550006"), ("Body", "hi"))
STATUS = (("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("From", "+15005550006"), ("To", "+15005550001"))


def alert(sid: str = "NO1", *, code: int = 11200, status: int | None = 503, age_h: float = 1, url: str = URL) -> Alert:
    return Alert(sid, code, NOW - timedelta(hours=age_h), url, status, "SM1")


def lost(*found: Found) -> tuple[Lost, ...]:
    return gather(found, Twilio(None, None))


def verdicts(things: tuple[Lost, ...], **more: object) -> list[Verdict]:
    words = more.pop("memory", {})
    memory = {name: History(each) for name, each in words.items()}  # type: ignore[attr-defined] # by name
    arguments = {"wanted": Wanted(), "memory": memory, "arrived": None, "now": NOW} | more
    return [each.verdict for each in plan(things, **arguments).items]  # type: ignore[arg-type] # by name


@pytest.mark.parametrize(
    ("code", "status", "name", "cure"),
    [
        (11200, 503, "server_error", Cure.RETRY),
        (11200, 500, "server_error", Cure.RETRY),
        (11200, 502, "no_answer", Cure.RETRY),
        (11200, 504, "timed_out", Cure.RETRY),
        (11200, 429, "throttled", Cure.RETRY),
        (11200, 408, "timed_out", Cure.RETRY),
        (11200, 401, "unauthorized", Cure.FIX),
        (11200, 403, "forbidden", Cure.FIX),
        (11200, 404, "wrong_url", Cure.FIX),
        (11200, 418, "refused", Cure.FIX),
        (11200, 301, "wrong_url", Cure.FIX),
        (11200, 400, "malformed", Cure.NEVER),
        (11200, 413, "too_large", Cure.FIX),
        (11200, 200, "answered", Cure.NEVER),
        (11200, None, "unknown", Cure.RETRY),
        (15003, 503, "server_error", Cure.RETRY),
        (16011, 429, "throttled", Cure.RETRY),
        (11202, None, "not_connected", Cure.RETRY),
        (11205, 502, "timed_out", Cure.RETRY),
        (11210, None, "wrong_url", Cure.FIX),
        (11236, None, "certificate", Cure.FIX),
        (11243, None, "overrides", Cure.FIX),
        (57012, None, "unauthorized", Cure.FIX),
        (12300, 200, "answered", Cure.NEVER),
        (11750, 200, "answered", Cure.NEVER),
    ],
)
def test_codes_and_statuses_say_what_helps(code: int, status: int | None, name: str, cure: Cure):
    """Twilio's code decides where it says enough, else the status that it saw."""
    found = cause_of(code, status)
    assert (found.name, found.cure) == (name, cure)
    assert found.sentence


@pytest.mark.parametrize("outcome", [each for each in Outcome if ROWS[each].status >= 400])
def test_our_own_answer_counts_more_than_the_status(outcome: Outcome):
    """Each failure of ours has a cause by its name, with the cure that its status means."""
    cure = cause_of(11200, 404, outcome.value).cure
    status = ROWS[outcome].status
    assert cure == (Cure.FIX if status in (401, 413) else Cure.RETRY if status >= 500 else Cure.NEVER)


def test_every_code_of_the_table_has_an_end():
    """No code that is looked for leads to an exception, whatever status comes with it."""
    for code in BY_CODE:
        for status in (None, 0, 200, 302, 400, 401, 429, 500, 502, 599, 999):
            assert cause_of(code, status).sentence


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Msg&sourceComponent=12000&ErrorCode=11200&httpResponse=405&url=https%3A%2F%2Fa%2F&LogLevel=ERROR", 405),
        ("sourceComponent=14100&httpResponse=500&Msg=Internal+Server+Error", 500),
        ("Msg=httpResponse%3D503", None),
        ("httpResponse=4050", None),
        ("httpResponse=x", None),
        ("", None),
    ],
)
def test_the_status_stands_in_the_alerts_text(text: str, status: int | None):
    """The text is a form of its own; what looks like a status elsewhere in it is none."""
    assert status_of(text) == status


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ('{"outcome":"bad_signature","request_id":"r"}', "bad_signature"),
        ('{"outcome":1}', ""),
        ("<html>", ""),
        ("", ""),
    ],
)
def test_an_answer_of_ours_names_its_outcome(answer: str, outcome: str):
    """Only our own JSON is taken for one of ours."""
    assert outcome_of(answer) == outcome


def test_parameters_are_read_as_twilio_kept_them():
    """Blanks and repeats count; what a fallback adds goes; a message's own error code stays."""
    assert read_form("ToCity=&Body=a+b%21&X=1&X=2") == (("ToCity", ""), ("Body", "a b!"), ("X", "1"), ("X", "2"))
    assert read_form("MessageSid=SM1&ErrorCode=11200&ErrorUrl=https%3A%2F%2Fa%2F") == (("MessageSid", "SM1"),)
    assert read_form("MessageSid=SM1&ErrorCode=30003") == (("MessageSid", "SM1"), ("ErrorCode", "30003"))
    assert read_form("%ff=1") == ()
    assert read_form("") == ()


def test_alerts_of_one_event_are_one():
    """Tries, a fallback and a status of the same message: two events, each with all of its alerts."""
    fallback = (*MESSAGE, ("ErrorCode", "11200"), ("ErrorUrl", URL))
    found = lost(
        Found(alert("NO1", age_h=3), MESSAGE),
        Found(alert("NO2", age_h=2, url=f"{URL}fallback#rc=3"), read_form(urlencode(fallback))),
        Found(alert("NO3", age_h=1), STATUS),
        Found(alert("NO4", age_h=4), MESSAGE),
    )
    assert [(each.delivery_id, each.kind) for each in found] == [
        ("SM1", "message.inbound"),
        ("SM1:delivered", "message.status"),
    ]
    assert [each.sid for each in found[0].alerts] == ["NO4", "NO1", "NO2"]
    assert found[0].url == URL


def test_what_twilio_kept_is_better_than_what_was_rebuilt():
    """Of two alerts of one event the parameters of the one that still has them are used."""
    again = (*(pair for pair in MESSAGE if pair[0] != "Body"), ("Body", ""))
    (one,) = lost(Found(alert("NO1", age_h=2), again, rebuilt=True), Found(alert("NO2"), MESSAGE))
    assert (one.form, one.rebuilt) == (MESSAGE, False)


def test_a_rebuilt_status_of_a_call_is_the_one_with_its_sequence_number():
    """A call tells no sequence number: what was rebuilt is the same status that another alert still has in full."""
    rebuilt = (("CallSid", "CA1"), ("CallStatus", "completed"), ("CallbackSource", "call-progress-events"))
    numbered = (*rebuilt, ("SequenceNumber", "3"))
    for ages in ((2, 1), (1, 2)):
        (one,) = lost(
            Found(alert("NO1", age_h=ages[0]), rebuilt, rebuilt=True), Found(alert("NO2", age_h=ages[1]), numbered)
        )
        assert (one.delivery_id, one.form, one.numberless) == ("CA1:completed:3", numbered, False)
        assert {each.sid for each in one.alerts} == {"NO1", "NO2"}
    busy = (*rebuilt[:1], ("CallStatus", "busy"), *rebuilt[2:])
    found = lost(Found(alert("NO1", age_h=2), busy, rebuilt=True), Found(alert("NO2"), numbered))
    assert [(each.delivery_id, each.numberless) for each in found] == [("CA1:busy", True), ("CA1:completed:3", False)]


def test_nothing_personal_is_shown_of_a_lost_webhook():
    """Printing what was found shows no number and no text."""
    (one,) = lost(Found(alert(), MESSAGE))
    assert "+1500" not in repr(one)
    assert "hi" not in repr(one).replace("this", "")


@pytest.mark.parametrize(
    ("status", "more", "verdict"),
    [
        (503, {}, Verdict.RETRY),
        (401, {}, Verdict.FIX),
        (401, {"wanted": Wanted(fixed=True)}, Verdict.RETRY),
        (401, {"wanted": Wanted(publish=True)}, Verdict.RETRY),
        (400, {"wanted": Wanted(fixed=True, publish=True)}, Verdict.NEVER),
        (413, {"wanted": Wanted(publish=True)}, Verdict.RETRY),
        (413, {"wanted": Wanted(fixed=True)}, Verdict.RETRY),
        (503, {"arrived": frozenset({"SM1"})}, Verdict.ARRIVED),
        (503, {"arrived": frozenset({"SM2"})}, Verdict.RETRY),
        (503, {"memory": {"SM1": ("asked", "sent")}}, Verdict.DONE),
        (503, {"memory": {"SM1": ("asked", "failed")}}, Verdict.RETRY),
        (503, {"memory": {"SM1": ("asked",)}}, Verdict.UNKNOWN),
        (503, {"memory": {"SM1": ("asked",)}, "wanted": Wanted(again=True)}, Verdict.RETRY),
        (503, {"memory": {"SM1": ("asked",)}, "arrived": frozenset()}, Verdict.RETRY),
        (503, {"memory": {"SM1": ("asked-publish",)}, "arrived": frozenset()}, Verdict.UNKNOWN),
        (503, {"memory": {"SM1": ("asked-publish",)}, "arrived": frozenset({"SM1"})}, Verdict.ARRIVED),
        (503, {"memory": {"SM1": ("asked-publish",)}, "wanted": Wanted(publish=True)}, Verdict.UNKNOWN),
        (503, {"memory": {"SM1": ("asked-publish",)}, "wanted": Wanted(publish=True, again=True)}, Verdict.RETRY),
        (503, {"memory": {"SM1": ("asked-publish", "released")}, "arrived": frozenset()}, Verdict.RETRY),
        (503, {"memory": {"SM1": ("asked", "failed") * 2}}, Verdict.RETRY),
        (503, {"memory": {"SM1": ("asked", "failed") * 3}}, Verdict.CAPPED),
        (503, {"memory": {"SM1": ("asked",) * 3}, "arrived": frozenset()}, Verdict.CAPPED),
        (503, {"memory": {"SM1": ("asked", "failed") * 3}, "wanted": Wanted(max_attempts=4)}, Verdict.RETRY),
        (503, {"memory": {"SM1": ("asked", "failed") * 3}, "wanted": Wanted(publish=True)}, Verdict.RETRY),
        (503, {"memory": {"SM1": ("asked-publish", "failed") * 3}, "wanted": Wanted(publish=True)}, Verdict.CAPPED),
        (503, {"memory": {"SM1": ("asked", "released") * 9}}, Verdict.RETRY),
        (401, {"memory": {"SM1": ("asked", "failed") * 3}}, Verdict.FIX),
        (503, {"now": NOW + timedelta(days=31)}, Verdict.EXPIRED),
    ],
)
def test_each_verdict_has_its_reason(status: int, more: dict[str, object], verdict: Verdict):
    """Our record first, then earlier runs, then why it failed."""
    assert verdicts(lost(Found(alert(status=status), MESSAGE)), **more) == [verdict]


def test_what_nobody_has_any_more_is_never_sent():
    """Without parameters, or with some that are no webhook, there is nothing to send."""
    found = lost(
        Found(alert("NO1", age_h=3), (), missing="the alert has no parameters, and the resource is gone"),
        Found(alert("NO2", age_h=2), MESSAGE),
    )
    assert verdicts(found) == [Verdict.NEVER, Verdict.RETRY]
    assert [each.delivery_id for each in found] == ["NO1", "SM1"]


def test_the_newest_failure_decides():
    """An event that failed with 401 first and with 503 later is worth a retry."""
    found = lost(Found(alert("NO1", status=401, age_h=2), MESSAGE), Found(alert("NO2", age_h=1), MESSAGE))
    assert verdicts(found) == [Verdict.RETRY]


def test_max_takes_the_oldest():
    """A cap leaves the newest for the next run, and says so."""
    things = [(("MessageSid", f"SM{number}"), ("Body", "x")) for number in range(5)]
    found = lost(*(Found(alert(f"NO{number}", age_h=9 - number), form) for number, form in enumerate(things)))
    assert verdicts(found, wanted=Wanted(maximum=2)) == [Verdict.RETRY] * 2 + [Verdict.LATER] * 3


def test_what_failed_before_comes_last():
    """The least tried first, of these the oldest; what is back counts for nothing. --max keeps to that order."""
    things = [(("MessageSid", f"SM{number}"), ("Body", "x")) for number in range(4)]
    found = lost(*(Found(alert(f"NO{number}", age_h=9 - number), form) for number, form in enumerate(things)))
    memory = {
        "SM0": History(("asked", "released", "asked", "failed")),
        "SM1": History(("asked", "sent")),
        "SM2": History(("asked-publish", "failed")),
    }
    made = plan(found, Wanted(maximum=2), memory, None, NOW)
    assert [each.lost.delivery_id for each in made.items] == ["SM1", "SM3", "SM2", "SM0"]
    assert [each.lost.delivery_id for each in made.wanted] == ["SM3", "SM2"]


@pytest.mark.parametrize(
    ("status", "code", "duplicate"), [(503, 11200, False), (502, 11200, True), (None, 11205, True)]
)
def test_a_possible_duplicate_is_marked(status: int | None, code: int, duplicate: bool):
    """Without our own record, what may have arrived in spite of the failure is marked; with it, nothing needs to be."""
    found = lost(Found(alert(status=status, code=code), MESSAGE))
    assert plan(found, Wanted(), {}, None, NOW).items[0].duplicate is duplicate
    assert plan(found, Wanted(), {}, frozenset(), NOW).items[0].duplicate is None
