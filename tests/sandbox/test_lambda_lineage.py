"""Lambda's own loop detection: a function that runs in one chain for the seventeenth time is dropped."""

from __future__ import annotations

import pytest

from hookwatch.sandbox.lambda_lineage import MAX_RUNS, continued
from sandbox.lambda_rig import running, spec_of

ARN, OTHER = "arn:aws:lambda:us-east-1:1:function:a", "arn:aws:lambda:us-east-1:1:function:b"


def test_each_function_of_a_chain_is_counted_by_itself() -> None:
    """Two functions that call each other have a count each, and what is no lineage counts as none."""
    lineage, runs = continued("", ARN)
    assert runs == 1
    lineage, runs = continued(lineage, OTHER)
    assert runs == 1
    lineage, runs = continued(lineage, ARN)
    assert runs == 2
    assert lineage.count("|") == 1
    assert continued("nonsense|1:2:3", ARN)[1] == 1
    assert continued(f"1:{lineage.partition('|')[0]}", ARN)[1] == 3  # the newer form has a number before it


@pytest.mark.sandbox
def test_a_function_that_calls_itself_is_stopped() -> None:
    """Passing the header on as the SDKs do, the chain ends after sixteen runs: nothing runs, one data point."""
    with running(spec_of("handlers.trace")) as rig:
        header, statuses = "", []
        for _ in range(MAX_RUNS + 1):
            answer = rig.request(headers=[("X-Amzn-Trace-Id", header)] if header else [])
            statuses.append(answer.status)
            header = answer.json().get("trace", header)
    assert statuses == [200] * MAX_RUNS + [400]
    assert dict(answer.headers)["x-amzn-errortype"] == "RecursiveInvocationException"
    counts = {name: sum(p.value for p in rig.seen.points if p.name == name) for name in ("Invocations", "Errors")}
    assert counts == {"Invocations": MAX_RUNS, "Errors": 0}
    (dropped,) = [point for point in rig.seen.points if point.name == "RecursiveInvocationsDropped"]
    assert (dropped.value, dropped.dimensions) == (1.0, {"FunctionName": "probe"})
