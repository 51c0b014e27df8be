"""The table of outcomes is complete and keeps the tenets."""

from __future__ import annotations

import pytest

from hookwatch.outcomes import METRICS, ROWS, Actor, Outcome

# What somebody without a key can cause.
BY_STRANGERS = {Outcome.UNSIGNED, Outcome.BAD_SIGNATURE}


def test_every_outcome_has_a_row():
    """No outcome is without an answer, a level, a metric and a sentence."""
    assert set(ROWS) == set(Outcome) == set(METRICS)


@pytest.mark.parametrize("outcome", sorted(BY_STRANGERS))
def test_strangers_cause_no_error(outcome: Outcome):
    """What an unauthenticated caller can cause is a warning at most."""
    assert ROWS[outcome].level in ("INFO", "WARNING")


@pytest.mark.parametrize("outcome", Outcome)
def test_success_means_durable(outcome: Outcome):
    """A 2xx is given only for what is on the bus, in the queue, in the bucket, or left out because somebody asked."""
    durable = {Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.PARKED, Outcome.CLAIM_CHECKED}
    assert (ROWS[outcome].status == 200) is (outcome in durable | {Outcome.DROPPED})


@pytest.mark.parametrize("outcome", Outcome)
def test_who_acts_has_a_runbook(outcome: Outcome):
    """Whoever has to act is told how; ERROR means the operator."""
    row = ROWS[outcome]
    assert (row.runbook is None) is (row.actor is Actor.NOBODY)
    assert row.level != "ERROR" or row.actor is Actor.OPERATOR


def test_metric_names():
    """An outcome's metric is its name in CamelCase."""
    assert METRICS[Outcome.BAD_SIGNATURE] == "BadSignature"
    assert METRICS[Outcome.ACCEPTED] == "Accepted"
    assert len(set(METRICS.values())) == len(Outcome)
