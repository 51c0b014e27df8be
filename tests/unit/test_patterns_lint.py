"""`hookwatch patterns lint`: every rule finds its fault, its fix mends it, and good rules stay clean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
from typer.testing import CliRunner, Result

from hookwatch.cfn import load, load_text, resolve
from hookwatch.cli.patterns import app
from hookwatch.patterns.emissions import Bus
from hookwatch.patterns.lint.rules import RULES
from hookwatch.patterns.lint.run import Linted, lint
from hookwatch.patterns.loops.site import Place, Site, SiteRule
from hookwatch.patterns.loops.sources import DEFAULT_WHERE
from hookwatch.patterns.loops.template import read_template

DATA = Path(__file__).resolve().parents[1] / "data" / "patterns"
ROOT = Path(__file__).resolve().parents[2]
PLANTED = {
    "EmptyArray": "P001",
    "BareString": "P001",
    "UnknownOperator": "P001",
    "UnknownKey": "P014",
    "EmptyPattern": "P001",
    "NoSource": "P010",
    "QuotedBoolean": "P041",
    "EverySource": "P013",
    "ToItself": "P030",
}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["lint", *map(str, arguments)])


def found_in(path: Path) -> list[dict[str, Any]]:
    result = run(path, "--json")
    findings: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return findings


def lint_pattern(pattern: dict[str, Any] | str, *, kind: str = "AWS::Events::Rule", shared: bool = False) -> Linted:
    text = pattern if isinstance(pattern, str) else json.dumps(pattern)
    place = Place("f.yaml", 3, "/Resources/R/Properties/EventPattern", template=True)
    rule = SiteRule("R", (), kind, text, "", Bus("orders"), enabled=True, place=place)
    return lint(Site((rule,), shared_buses=frozenset({"orders"} if shared else ())))


def ids(pattern: dict[str, Any] | str, **more: Any) -> set[str]:
    return {finding.found.id for finding in lint_pattern(pattern, **more).findings}


def good(**detail: Any) -> dict[str, Any]:
    """A pattern that has nothing wrong with it."""
    found: dict[str, Any] = {"source": ["acme.shop"], "detail-type": ["Order placed"], "account": ["123456789012"]}
    return {**found, **({"detail": detail} if detail else {})}


def github(event: str, **detail: Any) -> dict[str, Any]:
    return {**good(**detail), "source": ["github.com"], "detail-type": [event]}


def test_all_nine_planted_faults_are_found():
    """Each planted fault is reported under its rule, at its resource's line, and the good rule is not reported."""
    findings = found_in(DATA / "planted.yaml")
    serious = {(one["rule"], one["id"]) for one in findings if one["severity"] != "info"}
    assert set(PLANTED.items()) <= serious
    assert {one["rule"] for one in findings} == set(PLANTED)
    lines = load(DATA / "planted.yaml").lines
    assert all(one["line"] == lines[one["rule"]] for one in findings)
    assert run(DATA / "planted.yaml").exit_code == 1


def test_the_mended_template_is_clean():
    """The same rules without their faults give nothing and exit with 0."""
    result = run(DATA / "planted-fixed.yaml", "--fail-on", "info")
    assert result.exit_code == 0, result.output


def test_proposed_patches_apply_to_the_file_and_mend_it():
    """Every patch that is proposed for the planted template fits the file and takes its finding away."""
    document = load(DATA / "planted.yaml").document
    fixes = [one for one in found_in(DATA / "planted.yaml") if one["fix"]]
    assert {one["rule"] for one in fixes} == {"BareString", "UnknownOperator", "UnknownKey", "QuotedBoolean"}
    for one in fixes:
        assert one["fix"]["applies_to"] == "file"
        mended = jsonpatch.apply_patch(document, one["fix"]["patch"])
        stack = resolve(load_text(json.dumps(mended)))
        left = {(finding.rule.name, finding.found.id) for finding in lint(read_template(stack, DEFAULT_WHERE)).findings}
        assert (one["rule"], one["id"]) not in left


def test_our_own_templates_are_clean():
    """Our own templates pass their own linter."""
    templates = [ROOT / "template.yaml", *sorted(ROOT.glob("*/stack.yaml")), *sorted(ROOT.glob("*/cost.yaml"))]
    result = run(*templates)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{", "P001"),
        (good(**{f"field{number}": ["x" * 60] for number in range(30)}), "P002"),
        (good(**{f"field{number}": ["x" * 60] for number in range(60)}), "P002"),
        (good(a=[{"wildcard": "*a*a*a*a*a*a*a*a*a*a*"}]), "P003"),
        ({"detail-type": ["x"]}, "P010"),
        ({"source": ["x"]}, "P011"),
        ({**good(), "detail-type": [{"anything-but": "Order cancelled"}]}, "P011"),
        ({"source": ["x"], "detail-type": ["y"]}, "P012"),
        ({**good(), "source": [{"prefix": ""}]}, "P013"),
        ({**good(), "source": [{"anything-but": "aws.s3"}]}, "P013"),
        ({**good(), "source": [{"exists": True}]}, "P013"),
        ({**good(), "Source": ["x"]}, "P014"),
        ({**good(), "source": ["a", "b"], "detail-type": ["c", "d"]}, "P020"),
        ({**good(), "detail-type": ["AWS API Call via CloudTrail"]}, "P021"),
        (github("issues"), "P022"),
        (github("issues", action=[{"anything-but": "deleted"}]), "P022"),
        (good(state=[{"anything-but": "draft"}]), "P023"),
        (github("push", refs=["refs/heads/main"]), "P024"),
        (github("push", repository=["acme"]), "P024"),
        (github("issues", action=["open"]), "P024"),
        (github("isues", action=["opened"]), "P024"),
        (github("push", hookwatch={"kinds": ["x"]}), "P024"),
        ({**good(), "resources": [{"suffix": ":stack/shop"}]}, "P025"),
        ({**good(), "resources": [{"prefix": "arn:aws:s3:::"}]}, "P025"),
        (good(a=[{"wildcard": "a*b"}]), "P040"),
        (github("push", deleted=["false"]), "P041"),
        (github("push", repository={"id": ["5"]}), "P041"),
        (good(n=[{"numeric": [">", "5"]}]), "P041"),
        ({**good(), "account": [123456789012]}, "P041"),
        ('{"source":["a"],"source":["b"],"detail-type":["c"],"account":["1"]}', "P042"),
    ],
)
def test_each_rule_finds_its_fault(pattern: dict[str, Any] | str, expected: str):
    """A pattern with one fault is reported under the rule for it."""
    assert expected in ids(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        good(),
        good(amount=[{"numeric": [">", 5]}], coupon=[{"exists": True}]),
        {**good(), "detail-type": [{"prefix": "Order "}]},
        {**good(), "resources": [{"prefix": "hookwatch:github:delivery/"}]},
        github("push", ref=["refs/heads/main"], deleted=[False], pusher={"name": [{"anything-but": "acme[bot]"}]}),
        github("issues", action=["opened"], hookwatch={"own_actor": [False]}, sender={"type": ["User"]}),
        github("issue_comment", action=["created"], comment={"performed_via_github_app": [None]}),
        github("repository_dispatch", action=["deploy"], client_payload={"anything": ["x"]}),
    ],
)
def test_good_patterns_stay_clean(pattern: dict[str, Any]):
    """A precise pattern gives no finding at all."""
    assert ids(pattern) == set()


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        ({"source": "acme.payments"}, "P001"),
        (good(a=[{"prefx": "x"}]), "P001"),
        ({"detail-type": ["push"]}, "P010"),
        ({"source": ["twilio.com"]}, "P011"),
        ({"source": ["x"], "detail-type": ["y"]}, "P012"),
        ({"source": ["x"], "detailType": ["y"]}, "P014"),
        ({**good(), "source": ["github.com", "twilio.com"], "detail-type": ["push", "twilio-webhook-lambda"]}, "P020"),
        (github("issues"), "P022"),
        (github("issues", action=["open"]), "P024"),
        (good(a=[{"wildcard": "a*"}]), "P040"),
        (good(a=[{"wildcard": "*a"}]), "P040"),
        (github("push", deleted=["false"]), "P041"),
        (github("push", repository={"id": ["5"], "name": [7]}), "P041"),
        (good(n=[{"exists": "true"}]), "P041"),
        ({**good(), "account": [123456789012]}, "P041"),
    ],
)
def test_each_mechanical_fix_mends_its_finding(pattern: dict[str, Any], rule: str):
    """Where a fix is proposed, the patched pattern no longer has the finding."""
    (finding, *_) = [one for one in lint_pattern(pattern).findings if one.found.id == rule]
    assert finding.found.patch
    mended = jsonpatch.apply_patch(pattern, list(finding.found.patch))
    places = {(one.found.id, one.found.pointer) for one in lint_pattern(mended).findings}
    assert (rule, finding.found.pointer) not in places


def test_the_best_practice_page_as_given_and_as_improved():
    """The page's own examples: bare strings are refused, `$or` pairs pass, the full combination is reported."""
    assert ids('{"source": "acme.payments"}') == {"P001"}
    assert ids({"source": ["acme.payments"]}) == {"P011", "P012"}
    improved = {"source": ["acme.payments"], "detail-type": ["Payment accepted"], "account": ["012345678910"]}
    assert ids({**improved, "region": ["eu-west-1"]}) == set()
    sqs = {"source": ["aws.sqs"], "detail": {"eventName": ["CreateQueue", "SetQueueAttributes"]}}
    kms = {"source": ["aws.kms"], "detail": {"eventName": ["CreateKey", "DisableKeyRotation"]}}
    trail = {"detail-type": ["AWS API Call via CloudTrail"], "account": ["012345678910"]}
    assert ids({**trail, "$or": [sqs, kms]}) == set()
    names = [*sqs["detail"]["eventName"], *kms["detail"]["eventName"]]  # type: ignore[index] # a literal above
    assert ids({**trail, "source": ["aws.sqs", "aws.kms"], "detail": {"eventName": names}}) == {"P020"}


def test_mutants_are_run_and_reported():
    """A rule on source alone survives a new type of the same source, a precise one survives only a new field."""
    loose, precise = lint_pattern({"source": ["acme.payments"]}), lint_pattern(github("issues", action=["opened"]))
    changes = {mutant.change: mutant.still_matches for mutant in loose.survival[0].mutants}
    assert changes["a new type of the same source"] is True
    assert changes["a new source"] is False
    changes = {mutant.change: mutant.still_matches for mutant in precise.survival[0].mutants}
    assert changes == {
        "a new source": False,
        "a new type of the same source": False,
        "another account": False,
        "a new action": False,
        "a new field": True,
    }


def test_a_given_sample_is_mutated_too(tmp_path: Path):
    """An event that the user gives is changed like the ones made here, and shown by --survival."""
    sample = tmp_path / "event.json"
    sample.write_text(json.dumps({"source": "acme.shop", "detail-type": "Order placed", "account": "123456789012"}))
    result = run(DATA / "planted-fixed.yaml", "--sample", sample, "--survival")
    assert "Good would match a new field; not a new source" in result.stdout
    assert result.exit_code == 0
    assert run(DATA / "planted-fixed.yaml", "--sample", tmp_path / "none.json").exit_code == 2


def test_a_shared_bus_asks_for_account_and_region():
    """On a bus that takes events from elsewhere a missing account or region is a warning."""
    assert ids(good(), shared=True) == {"P012"}
    assert ids({**good(), "region": ["eu-west-1"]}, shared=True) == set()
    assert [one.severity for one in lint_pattern(good(), shared=True).findings] == ["warning"]


def test_pipes_and_the_newer_bus_take_no_wildcards():
    """A wildcard is an error where the service does not take it, and top-level keys are not an envelope's there."""
    pattern = {"body": {"colour": [{"wildcard": "r*d"}]}}
    for kind in ("AWS::Pipes::Pipe", "AWS::EventsV2::Subscriber"):
        linted = lint_pattern(pattern, kind=kind)
        assert [(one.found.id, one.severity) for one in linted.findings] == [("P040", "error")]


SUPPRESSED = """
Resources:
  Archive:
    Type: AWS::Events::Rule
    Metadata:
      hookwatch:
        ignore:
          - {rule: P013, reason: counts every event on the bus}
          - {rule: P011}
          - {rule: P999, reason: x}
          - {rule: P001, reason: x}
    Properties:
      EventPattern: {source: [{prefix: ''}], account: [!Ref AWS::AccountId]}
      Targets: []
"""


def test_a_suppression_needs_a_reason(tmp_path: Path):
    """With a reason a finding is listed as suppressed; without one it stays, and the suppression is a finding too."""
    path = tmp_path / "template.yaml"
    path.write_text(SUPPRESSED)
    report = json.loads(run(path, "--json").stdout)
    assert [(one["id"], one["reason"]) for one in report["suppressed"]] == [("P013", "counts every event on the bus")]
    assert sorted(one["id"] for one in report["findings"]) == ["P011", "P050", "P050", "P050"]
    assert report["summary"]["suppressed"] == 1


UNKNOWN = """
Resources:
  Known:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [acme.shop], detail-type: [Order placed], account: [!Ref AWS::AccountId]}
  Unknown:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [!ImportValue Source], detail-type: [x]}
"""


def test_what_cannot_be_resolved_is_not_judged_and_says_so(tmp_path: Path):
    """A pattern that the template does not tell is listed with the reason, and the exit code is 1."""
    path = tmp_path / "template.yaml"
    path.write_text(UNKNOWN)
    result = run(path, "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert report["findings"] == []
    (unknown,) = report["not_judged"]
    assert unknown["rule"] == "Unknown"
    assert "only known to AWS" in unknown["reason"]
    assert "not judged" in run(path).stdout


def test_a_finding_has_everything_a_reader_needs():
    """JSON gives id, severity, rule, JSON pointer, message, page and fix for each finding."""
    (one,) = [one for one in found_in(DATA / "planted.yaml") if one["rule"] == "UnknownKey" and one["id"] == "P014"]
    assert one["severity"] == "error"
    assert one["pointer"] == "/Resources/UnknownKey/Properties/EventPattern/detailType"
    assert one["pattern_pointer"] == "/detailType"
    assert one["url"].startswith("https://docs.aws.amazon.com/eventbridge/")
    assert one["fix"]["patch"] == [
        {
            "op": "move",
            "from": "/Resources/UnknownKey/Properties/EventPattern/detailType",
            "path": "/Resources/UnknownKey/Properties/EventPattern/detail-type",
        }
    ]


def test_sarif_names_rules_places_and_suppressions(tmp_path: Path):
    """SARIF carries every rule that results name, the line, the pointer, and suppressions with their reason."""
    path = tmp_path / "template.yaml"
    path.write_text(SUPPRESSED)
    (log,) = json.loads(run(path, "--format", "sarif").stdout)["runs"]
    known = {rule["id"] for rule in log["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in log["results"]} <= known
    assert set(RULES) <= known
    suppressed = [result for result in log["results"] if result.get("suppressions")]
    assert suppressed[0]["suppressions"] == [{"kind": "inSource", "justification": "counts every event on the bus"}]
    place = suppressed[0]["locations"][0]
    assert place["physicalLocation"]["region"]["startLine"] == 3
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "/Resources/Archive/Properties/EventPattern/source"


def test_the_manual_lists_every_rule_with_its_severity():
    """docs/patterns-lint.md has one row for each rule, and names the rule's severity first or beside others."""
    text = (ROOT / "docs" / "patterns-lint.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip(): line.split("|")[2] for line in text.splitlines() if line.startswith("| P")}
    assert set(rows) == set(RULES)
    assert all(RULES[name].severity in severities for name, severities in rows.items())


PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_cloudwatch_event_rule.push",
                    "type": "aws_cloudwatch_event_rule",
                    "name": "push",
                    "values": {
                        "name": "push",
                        "event_pattern": '{"source":["github.com"],"detailType":["push"]}',
                        "description": "hookwatch:ignore P011 (the key is wrong anyway)",
                    },
                },
                {
                    "address": "aws_cloudwatch_event_rule.nightly",
                    "type": "aws_cloudwatch_event_rule",
                    "name": "nightly",
                    "values": {"name": "nightly", "schedule_expression": "rate(1 day)"},
                },
            ],
            "child_modules": [
                {
                    "resources": [
                        {
                            "address": "module.bot.aws_cloudwatch_event_rule.later",
                            "type": "aws_cloudwatch_event_rule",
                            "name": "later",
                            "values": {"name": "later"},
                        },
                        {
                            "address": "module.bot.aws_cloudwatch_event_rule.self",
                            "type": "aws_cloudwatch_event_rule",
                            "name": "self",
                            "values": {"name": "self", "event_pattern": json.dumps(good()), "event_bus_name": "orders"},
                        },
                        {
                            "address": "module.bot.aws_cloudwatch_event_target.self",
                            "type": "aws_cloudwatch_event_target",
                            "name": "self",
                            "values": {"rule": "self", "event_bus_name": "orders"},
                        },
                        {
                            "address": "module.bot.aws_cloudwatch_event_bus.orders",
                            "type": "aws_cloudwatch_event_bus",
                            "name": "orders",
                            "values": {"name": "orders"},
                        },
                    ]
                }
            ],
        }
    },
    "configuration": {
        "root_module": {
            "module_calls": {
                "bot": {
                    "module": {
                        "resources": [
                            {
                                "address": "aws_cloudwatch_event_target.self",
                                "expressions": {
                                    "arn": {
                                        "references": [
                                            "aws_cloudwatch_event_bus.orders.arn",
                                            "aws_cloudwatch_event_bus.orders",
                                        ]
                                    },
                                    "rule": {
                                        "references": [
                                            "aws_cloudwatch_event_rule.self.name",
                                            "aws_cloudwatch_event_rule.self",
                                        ]
                                    },
                                },
                            }
                        ]
                    }
                }
            }
        }
    },
}


def test_a_terraform_plan_is_read(tmp_path: Path):
    """Rules of a plan are linted with their pointer, loops through references are found, unknown values are said."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN))
    result = run(path, "--json")
    report = json.loads(result.stdout)
    found = {(one["rule"], one["id"]): one for one in report["findings"]}
    fault = found["aws_cloudwatch_event_rule.push", "P014"]
    assert fault["pointer"] == "/planned_values/root_module/resources/0/values/event_pattern/detailType"
    assert fault["fix"] == {
        "applies_to": "pattern",
        "patch": [{"op": "move", "from": "/detailType", "path": "/detail-type"}],
    }
    assert ("module.bot.aws_cloudwatch_event_rule.self", "P030") in found
    assert [one["id"] for one in report["suppressed"]] == ["P011"]
    assert [one["rule"] for one in report["not_judged"]] == ["module.bot.aws_cloudwatch_event_rule.later"]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '"x"',
        "",
        "{}",
        '{"a":' * 5000 + '["x"]' + "}" * 5000,
        '{"a":' * 300 + '["x"]' + "}" * 300,
        '{"$or":[' + ",".join(['{"a":["x"]}'] * 100_000) + "]}",
        '{"$or":[' + ",".join(f'{{"a{number}":["x"]}}' for number in range(150)) + "]}",
        json.dumps({"a": [{"wildcard": "*a" * 200 + "*"}]}),
        json.dumps({"source": [{"suffix": f"{number}x"} for number in range(150)]}),
        '{"a\\u0000":["\\ud800"],"detail":{"":["x"]}}',
        "{" + ",".join('"a":["x"]' for _ in range(300)) + "}",
    ],
)
def test_hostile_patterns_are_findings_and_never_crashes(text: str):
    """Broken JSON, depth, a hundred thousand alternatives and wildcard bombs end as findings, within seconds."""
    linted = lint_pattern(text)
    assert linted.active


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a template"),
        (["none.yaml"], "no such file"),
        ([str(DATA / "planted.yaml"), "--parameter", "x"], "write NAME=VALUE"),
        ([str(DATA / "planted.yaml"), "--parameter", "x=1"], "none of the templates has the parameter x"),
        ([str(DATA / "planted.yaml"), "--emissions", "none.yaml"], "none.yaml"),
    ],
)
def test_mistakes_are_said_and_end_with_two(arguments: list[str], said: str):
    """A mistake of the user is one sentence on stderr that says what to do, and exit code 2."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output
