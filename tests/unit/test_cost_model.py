"""The bill and the loop, from known quantities."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from hookwatch.costs import PRICES, Charge, Deployment, Guard, Item, Line, Traffic, bill, loop_cases
from hookwatch.costs.bill import total

DEPLOYMENT = Deployment(
    level="standard",
    memory_mb=256,
    reserved_concurrency=10,
    max_entry_bytes=1_000_000,
    log_retention_days=30,
    masks_logs=False,
    alarm_traced_share=0.05,
    charges=(Charge(Item.ALARMS, 3, 5), Charge(Item.SECRETS, 2, 2)),
    guards=(
        Guard("Alarms.GitHubInvocationAlarm", "invocations", 2000, 300, 600),
        Guard("Alarms.SpendRate", "usd_per_hour", 1, 300, 900),
    ),
    unpriced=(),
)
TRAFFIC = Traffic(rate_per_s=2, payload_bytes=12_000)


def usd(lines: tuple[Line, ...], item: Item) -> float:
    return next(line.usd for line in lines if line.item is item)


@pytest.mark.parametrize(
    ("item", "expected"), [(Item.REQUESTS, 0.20), (Item.COMPUTE, 0.400002), (Item.EVENTS, 1.00), (Item.LOGS, 0.7499)]
)
def test_a_million_deliveries_by_hand(item: Item, expected: float) -> None:
    """A million deliveries of 12 KB cost what a hand calculation says, line by line."""
    assert usd(bill(TRAFFIC, DEPLOYMENT).per_million, item) == pytest.approx(expected, abs=0.005)


def test_a_month_is_what_arrives_in_730_hours() -> None:
    """A month's lines are those of a million, times the millions that arrive; fixed charges come on top."""
    billed = bill(TRAFFIC, DEPLOYMENT)
    millions = 2 * 730 * 3600 / 1_000_000
    for million, month in zip(billed.per_million, billed.per_month, strict=True):
        assert month.usd == pytest.approx(million.usd * millions)
    assert billed.fixed_usd == pytest.approx(5 * 0.10 + 2 * 0.40)
    assert billed.month_usd == pytest.approx(billed.million_usd * millions + 1.30)


@pytest.mark.parametrize(
    ("rate_per_month", "share"), [(100_000, 0.98), (1_000_000, 0.84), (10_000_000, 0.29), (10_000_000_000, 0.05)]
)
def test_the_first_request_of_a_second_is_traced(rate_per_month: int, share: float) -> None:
    """The rarer requests are, the larger is the share of them that X-Ray records."""
    traffic = replace(TRAFFIC, rate_per_s=rate_per_month / (730 * 3600))
    assert traffic.traced_share == pytest.approx(share, abs=0.006)


def test_tracing_can_be_off() -> None:
    """Without tracing nothing is recorded, and the report lines are shorter."""
    untraced = bill(replace(TRAFFIC, traced=False), DEPLOYMENT).per_million
    assert usd(untraced, Item.TRACES) == 0
    assert usd(untraced, Item.LOGS) < usd(bill(TRAFFIC, DEPLOYMENT).per_million, Item.LOGS)


@pytest.mark.parametrize(("payload", "pieces"), [(0, 1), (65_000, 1), (65_536, 2), (200_000, 4), (1_000_000, 16)])
def test_events_are_billed_in_pieces(payload: int, pieces: int) -> None:
    """Every 64 KB of an entry, envelope included, is an event on the bill."""
    billed = bill(replace(TRAFFIC, payload_bytes=payload), DEPLOYMENT)
    assert usd(billed.per_million, Item.EVENTS) == pytest.approx(pieces * 1.00)


@pytest.mark.parametrize(
    ("payload", "says", "events"),
    [
        (999_000, None, True),
        (1_000_000, "needs MaxEntryBytes above 1,000,000", True),
        (1_048_576, "too_large", False),
        (6_291_457, "413 by itself", False),
    ],
)
def test_what_does_not_fit_is_said(payload: int, says: str | None, events: bool) -> None:
    """A payload over a limit says which one, and whether its events are in the bill."""
    billed = bill(replace(TRAFFIC, payload_bytes=payload), DEPLOYMENT)
    assert [says is not None and says in note for note in billed.notes] == ([] if says is None else [True])
    assert (usd(billed.per_million, Item.EVENTS) > 0) is events


def test_what_lambda_turns_away_is_free() -> None:
    """A request over 6 MB reaches no function, so nothing is billed for it."""
    assert bill(replace(TRAFFIC, payload_bytes=7_000_000), DEPLOYMENT).million_usd == 0


def test_no_deliveries_cost_the_fixed_charges() -> None:
    """A quiet month costs what is there; what a delivery would cost can still be told."""
    billed = bill(replace(TRAFFIC, rate_per_s=0), DEPLOYMENT)
    assert billed.month_usd == billed.fixed_usd == pytest.approx(1.30)
    assert math.isfinite(billed.million_usd)
    assert usd(billed.per_million, Item.TRACES) == pytest.approx(5.00)


def test_a_policy_and_contributor_rules_cost_by_delivery() -> None:
    """Masking is paid by the byte and a contributor rule by the line."""
    costly = replace(DEPLOYMENT, masks_logs=True, charges=(*DEPLOYMENT.charges, Charge(Item.CONTRIBUTOR_RULES, 2, 2)))
    billed = bill(TRAFFIC, costly)
    plain = {line.item for line in bill(TRAFFIC, DEPLOYMENT).per_million}
    assert plain.isdisjoint({Item.LOG_MASKING, Item.CONTRIBUTOR_MATCHES})
    ingested, masked = usd(billed.per_million, Item.LOGS), usd(billed.per_million, Item.LOG_MASKING)
    assert masked / ingested == pytest.approx(0.12 / 0.50)
    assert usd(billed.per_million, Item.CONTRIBUTOR_MATCHES) == pytest.approx(0.02)
    assert usd(billed.fixed, Item.CONTRIBUTOR_RULES) == pytest.approx(1.00)


def test_what_has_no_price_is_said() -> None:
    """A resource that the table does not know is named, never left out silently."""
    billed = bill(TRAFFIC, replace(DEPLOYMENT, unpriced=("1 x AWS::Mars::Rover",)))
    assert "AWS::Mars::Rover" in billed.notes[0]


def test_a_rate_over_the_cap_is_said() -> None:
    """Whoever plans more than the reserved concurrency lets through hears it."""
    assert bill(replace(TRAFFIC, rate_per_s=80), DEPLOYMENT).notes == ()
    (note,) = bill(replace(TRAFFIC, rate_per_s=90), DEPLOYMENT).notes
    assert "83.33 deliveries a second" in note


def test_a_loop_with_and_without_the_cap() -> None:
    """A loop of fifty a second passes under ten copies that take 120 ms; the cap holds what comes faster."""
    slow, slow_free, fast, fast_free = loop_cases(TRAFFIC, DEPLOYMENT)
    assert [case.capped for case in (slow, slow_free, fast, fast_free)] == [True, False, True, False]
    assert slow.answered_per_s == slow_free.answered_per_s == 50
    assert slow.day_usd == pytest.approx(12, rel=0.1)
    assert fast.answered_per_s == pytest.approx(10 / 0.120)
    assert fast_free.answered_per_s == pytest.approx(1_000 / 0.120)
    assert fast_free.day_usd > 90 * fast.day_usd


@pytest.mark.parametrize(("duration_ms", "limit"), [(20, 100), (100, 100), (120, 83.3), (1_000, 10), (8_000, 1.25)])
def test_a_copy_answers_ten_a_second_at_most(duration_ms: float, limit: float) -> None:
    """Ten copies answer a hundred requests a second, or fewer when each takes longer than a tenth of one."""
    capped = loop_cases(replace(TRAFFIC, duration_ms=duration_ms), DEPLOYMENT)[0]
    assert capped.limit_per_s == pytest.approx(limit, abs=0.04)
    assert capped.answered_per_s == pytest.approx(min(50, limit), abs=0.04)
    assert capped.refused_per_s == pytest.approx(max(0, 50 - limit), abs=0.04)


def test_without_a_cap_there_is_none() -> None:
    """With ReservedConcurrency=0 nothing is said about a cap."""
    cases = loop_cases(TRAFFIC, replace(DEPLOYMENT, reserved_concurrency=0))
    assert [(case.capped, case.copies) for case in cases] == [(False, 1_000), (False, 1_000)]


def test_alarms_see_a_loop_or_not() -> None:
    """A loop is held against each alarm's own limit, and what it has cost by then is said."""
    invocations, money = loop_cases(TRAFFIC, DEPLOYMENT)[0].sightings
    assert invocations.value == 50 * 300
    assert invocations.spent_usd == pytest.approx(12.0 / 86_400 * 600, rel=0.1)
    assert money.value < 1
    assert money.spent_usd is None


def test_every_price_says_where_it_was_seen() -> None:
    """A price is positive, and has a source and the month of it."""
    assert set(PRICES) == set(Item)
    for price in PRICES.values():
        assert price.usd > 0
        assert price.per >= 1
        assert (price.source == "nowhere") is price.recalled
        assert price.read.startswith("2026-")


def test_a_bill_adds_up() -> None:
    """The totals are the sums of the lines that are shown."""
    billed = bill(TRAFFIC, DEPLOYMENT)
    assert billed.million_usd == total(billed.per_million)
    assert billed.month_usd == pytest.approx(sum(line.usd for line in (*billed.per_month, *billed.fixed)))


KEPT = replace(DEPLOYMENT, claim_days=30, archive_days=10, deduplicates=True)


def test_a_delivery_that_is_looked_up_is_written_twice() -> None:
    """A million deliveries with the table of duplicates are two million writes, which is 1.25 USD."""
    assert usd(bill(TRAFFIC, KEPT).per_million, Item.DEDUPE_WRITES) == pytest.approx(1.25)


def test_what_is_too_large_for_the_bus_is_stored_and_published_as_one_event() -> None:
    """A payload over the limit costs a PUT, its storage and one event; one below it touches no bucket."""
    large = bill(replace(TRAFFIC, payload_bytes=2_000_000), KEPT)
    assert usd(large.per_million, Item.CLAIM_PUTS) == pytest.approx(5.00)
    gb = 2_000_330 * 1_000_000 / 1_073_741_824
    assert usd(large.per_million, Item.CLAIM_STORAGE) == pytest.approx(gb * 0.023 * 30 / (730 / 24))
    assert usd(large.per_million, Item.EVENTS) == pytest.approx(1.00)
    assert any("claim-check" in note for note in large.notes)
    small = {line.item for line in bill(replace(TRAFFIC, payload_bytes=900_000), KEPT).per_million}
    assert not small & {Item.CLAIM_PUTS, Item.CLAIM_STORAGE}


def test_what_lambda_itself_refuses_is_neither_stored_nor_looked_up() -> None:
    """Over 6 MB nothing runs, so nothing is kept and nothing is billed."""
    for line in bill(replace(TRAFFIC, payload_bytes=7_000_000), KEPT).per_million:
        assert line.usd == 0


def test_the_archive_holds_what_is_on_the_bus() -> None:
    """The archive is billed for the entry, and for the slim event where the payload is in the bucket."""
    gb = 12_330 * 1_000_000 / 1_073_741_824
    billed = bill(TRAFFIC, KEPT).per_million
    assert usd(billed, Item.ARCHIVE) == pytest.approx(gb * 0.10)
    assert usd(billed, Item.ARCHIVE_STORAGE) == pytest.approx(gb * 0.023 * 10 / (730 / 24))
    large = bill(replace(TRAFFIC, payload_bytes=2_000_000), KEPT).per_million
    assert usd(large, Item.ARCHIVE) < usd(billed, Item.ARCHIVE)


@pytest.mark.parametrize(("payload", "requests"), [(12_000, 3), (100_000, 5), (900_000, 29)])
def test_a_parked_delivery_goes_in_and_out_of_the_queue(payload: int, requests: int) -> None:
    """Sent and received in pieces of 64 KB, deleted once; the replay is one more invocation and its line."""
    parked = bill(replace(TRAFFIC, payload_bytes=payload), DEPLOYMENT).parked_million
    assert usd(parked.lines, Item.QUEUE_REQUESTS) == pytest.approx(requests * 0.40)
    assert usd(parked.lines, Item.REQUESTS) == pytest.approx(0.20)
    assert parked.usd == pytest.approx(total(parked.lines))
