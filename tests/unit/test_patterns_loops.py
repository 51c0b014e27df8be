"""`hookwatch patterns loops`: loops are found, graded, shown, and gone when the pattern is fixed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from typer.testing import CliRunner, Result

from hookwatch.cli.patterns import app
from hookwatch.patterns import compile_pattern
from hookwatch.patterns.emissions import Bus, forwarded
from hookwatch.patterns.emissions_effects import names
from hookwatch.patterns.emissions_file import EmissionsError, read_emissions
from hookwatch.patterns.fixes import applied
from hookwatch.patterns.loops.cycles import LOOPS_MAX, find_loops
from hookwatch.patterns.loops.graph import build_graph
from hookwatch.patterns.loops.site import Place, Site, SiteRule, Target
from hookwatch.patterns.matchers import Text

DATA = Path(__file__).resolve().parents[1] / "data" / "patterns"
TWELVE: list[dict[str, Any]] = json.loads((DATA / "loops.json").read_text(encoding="utf-8"))

EMITS: dict[str, dict[str, Any]] = {
    "L1": {"effect": "pushes to the branch", "as": {"app": "acme-bot"}},
    "L2": {"effect": "comments on the issue", "as": {"app": "acme-bot"}},
    "L3": {"effect": "github.check_run", "as": {"app": "acme-ci"}},
    "L4": {"effect": "github.status", "detail": {"context": [{"prefix": "acme/"}]}},
    "L5": {"effect": "github.deployment_status", "as": {"app": "acme-bot"}},
    "L6": {"effect": "github.label", "as": {"app": "acme-bot"}, "detail": {"repository.full_name": "acme/mirror"}},
    "L7": {"effect": "github.label_issue"},
    "L8": {"effect": "github.dispatch_workflow"},
    "L9": {"effect": "github.push", "as": {"app": "acme-bot"}},
    "L10": {"effect": "answers the SMS", "as": {"from": "+15559999"}},
    "L11": {"effect": "twilio.send", "as": {"to": "+15557777"}},
    "L12": {"copies": True, "detail": {"_eb": {"hop": 1}}},
}
"""What the target of each of the twelve loops does."""


def template_of(pattern: dict[str, Any], *more: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    target = {"Id": "bot", "Arn": {"Fn::GetAtt": ["Bot", "Arn"]}}
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": [target]}}
    return {"Resources": {"Rule": rule, "Bot": {"Type": "AWS::Lambda::Function", "Properties": {}}, **dict(more)}}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["loops", *map(str, arguments)])


def report(
    template: dict[str, Any] | Path, tmp_path: Path, emissions: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Run the command and give its JSON, with the exit code beside it."""
    if isinstance(template, dict):
        path = tmp_path / "template.yaml"
        path.write_text(json.dumps(template))
        template = path
    arguments: list[str | Path] = [template, "--json"]
    if emissions is not None:
        (tmp_path / "emissions.yaml").write_text(yaml.safe_dump({"emissions": emissions}))
        arguments += ["--emissions", tmp_path / "emissions.yaml"]
    result = run(*arguments)
    found: dict[str, Any] = json.loads(result.stdout)
    return {**found, "exit_code": result.exit_code}


@pytest.mark.parametrize("case", TWELVE, ids=lambda case: case["id"])
def test_the_naive_rule_is_reported_and_the_fixed_one_is_not(case: dict[str, Any], tmp_path: Path):
    """Of each of the twelve known loops the naive rule is a MUST with a witness, and the fixed rule is none."""
    emissions = [{"from": "Bot", **EMITS[case["id"]]}]
    naive = report(template_of(case["naive"]), tmp_path, emissions)
    assert [loop["grade"] for loop in naive["loops"]] == ["MUST"]
    assert naive["exit_code"] == 1
    witness = naive["loops"][0]["steps"][0]["witness"]
    assert compile_pattern(case["naive"]).matches(witness)
    assert not compile_pattern(case["fixed"]).matches(witness)
    fixed = report(template_of(case["fixed"]), tmp_path, emissions)
    assert fixed["loops"] == []
    assert fixed["exit_code"] == 0


@pytest.mark.parametrize("case", TWELVE, ids=lambda case: case["id"])
def test_the_proposed_filter_breaks_the_loop(case: dict[str, Any], tmp_path: Path):
    """A filter is proposed for each of the twelve naive rules, and with it the rule is no loop any more."""
    emissions = [{"from": "Bot", **EMITS[case["id"]]}]
    naive = report(template_of(case["naive"]), tmp_path, emissions)
    patch = naive["loops"][0]["remedy"]["patch"]
    assert report(template_of(applied(case["naive"], patch)), tmp_path, emissions)["loops"] == []


def test_what_no_pattern_can_decide_needs_a_rate_guard(tmp_path: Path):
    """Two autoresponders, and redelivering what fails, are said to need a guard, and are not reported as loops."""
    fixed = next(case["fixed"] for case in TWELVE if case["id"] == "L10")
    found = report(template_of(fixed), tmp_path, [{"from": "Bot", **EMITS["L10"]}])
    (loop,) = found["needs_rate_guard"]
    assert "automatic correspondent" in loop["path"]
    assert "guard on the rate" in loop["remedy"]["advice"]
    assert found["exit_code"] == 0
    again = report(template_of({"source": ["github.com"]}), tmp_path, [{"from": "Bot", "effect": "redeliver"}])
    assert len(again["needs_rate_guard"]) == 1
    assert again["loops"] == []


def test_without_saying_who_acts_a_filter_on_the_sender_proves_nothing(tmp_path: Path):
    """If nobody says which account comments, a rule that refuses bots stays a possible loop, with that advice."""
    fixed = {**next(case["fixed"] for case in TWELVE if case["id"] == "L2")}
    found = report(template_of(fixed), tmp_path, [{"from": "Bot", "effect": "github.comment"}])
    (loop,) = found["loops"]
    assert loop["grade"] == "MAY"
    assert "declare who acts" in loop["remedy"]["advice"]


def test_the_cycle_through_two_buses_and_a_function(tmp_path: Path):
    """The loop over a bus, a second bus and a function is found from the template alone, and gone when fixed."""
    found = report(DATA / "cycle.yaml", tmp_path)
    (loop,) = found["loops"]
    assert loop["rules"] == ["Forward", "Enrich"]
    assert loop["grade"] == "MAY"
    assert [step["via"] for step in loop["steps"]] == [["bus work"], ["Enricher"]]
    assert found["exit_code"] == 1
    fixed = report(DATA / "cycle-fixed.yaml", tmp_path)
    assert fixed["loops"] == []
    assert fixed["exit_code"] == 0
    assert any("acme.enricher" in step["why"] for step in fixed["never"])


def test_declared_emissions_replace_what_was_inferred(tmp_path: Path):
    """A function that is declared to emit nothing, or exactly one event, is judged by that."""
    silent = report(DATA / "cycle.yaml", tmp_path, [{"from": "Enricher", "nothing": True}])
    assert silent["loops"] == []
    exact = [{"from": "Enricher", "bus": "intake", "source": "acme.enricher", "detail-type": "Order placed"}]
    assert [loop["grade"] for loop in report(DATA / "cycle.yaml", tmp_path, exact)["loops"]] == ["MAY"]
    sure = [{"from": "Enricher", "bus": "intake", "copies": True}]
    steps = report(DATA / "cycle.yaml", tmp_path, sure)["loops"][0]["steps"]
    assert [step["grade"] for step in steps] == ["MAY", "MUST"]


BUSES = ("a", "b", "c")


def ring(patterns: list[dict[str, Any]], buses: tuple[str, ...] = BUSES) -> Site:
    """Rules that forward round a ring of buses."""
    rules = []
    for number, pattern in enumerate(patterns):
        after = Bus(buses[(number + 1) % len(buses)])
        target = Target(None, f"bus {after}", (forwarded(after),))
        place = Place("f", pointer=f"/{number}")
        text = json.dumps(pattern)
        rules.append(
            SiteRule(f"R{number}", (), "AWS::Events::Rule", text, "", Bus(buses[number]), True, place, (target,))
        )
    return Site(tuple(rules))


def test_a_ring_of_buses_is_followed_all_the_way_round():
    """A ring is a loop if one event passes every rule; if each pair meets but no event passes all, it is none."""
    same = [{"source": ["x", "y"]}, {"source": ["x", "z"]}, {"source": ["x"]}]
    assert len(find_loops(build_graph(ring(same))).found) == 1
    pairwise = [{"source": ["x", "y"]}, {"source": ["y", "z"]}, {"source": ["z", "x"]}]
    graph = build_graph(ring(pairwise))
    assert len(graph.edges) == 3
    assert find_loops(graph).found == ()


def test_the_grade_is_the_weakest_step():
    """A ring in which one rule takes only part of what comes is MAY, one in which all take everything is MUST."""
    whole = find_loops(build_graph(ring([{"source": ["x"]}] * 3)))
    assert [loop.grade for loop in whole.found] == ["MUST"]
    part = find_loops(build_graph(ring([{"source": ["x"]}, {"source": ["x"], "account": ["1"]}, {"source": ["x"]}])))
    assert [loop.grade for loop in part.found] == ["MAY"]


def test_rules_that_are_switched_off_make_no_loop(tmp_path: Path):
    """A disabled rule is no step of a loop."""
    template = template_of({"source": ["github.com"], "detail-type": ["push"]})
    template["Resources"]["Rule"]["Properties"]["State"] = "DISABLED"
    assert report(template, tmp_path, [{"from": "Bot", "effect": "github.push"}])["loops"] == []


def put_policy(**statement: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "events:PutEvents", **statement}]}
    return {"PolicyName": "put", "PolicyDocument": document}


def role(*policies: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "BotRole", {"Type": "AWS::IAM::Role", "Properties": {"Policies": list(policies)}}


SHOP = {"source": ["acme.shop"], "detail-type": ["Order placed"]}


@pytest.mark.parametrize(
    ("policies", "loops"),
    [
        ([put_policy(Resource="*")], 1),
        ([put_policy(Resource="arn:aws:events:us-east-1:123456789012:event-bus/default")], 1),
        ([put_policy(Resource="arn:aws:events:us-east-1:123456789012:event-bus/other")], 0),
        ([put_policy(Action=["events:Put*"], Resource="*")], 1),
        ([put_policy(Action="*", Resource="*")], 1),
        ([put_policy(Action="s3:*", Resource="*")], 0),
        ([put_policy(Effect="Deny", Resource="*")], 0),
        ([put_policy(Resource="*", Condition={"StringEquals": {"events:source": "acme.shop"}})], 1),
        ([put_policy(Resource="*", Condition={"StringEquals": {"events:source": "acme.bot"}})], 0),
        ([put_policy(Resource="*", Condition={"StringLike": {"events:source": "acme.*"}})], 1),
        ([put_policy(Resource="*", Condition={"StringLike": {"events:source": "other.*"}})], 0),
        ([put_policy(Resource={"Fn::ImportValue": "Bus"})], 1),
        ([], 0),
    ],
)
def test_permission_to_put_events_is_an_emission(policies: list[dict[str, Any]], loops: int, tmp_path: Path):
    """A function that may put events on the rule's bus is a possible loop; a condition on the source narrows it."""
    template = template_of(SHOP, role(*policies))
    template["Resources"]["Bot"]["Properties"]["Role"] = {"Fn::GetAtt": ["BotRole", "Arn"]}
    found = report(template, tmp_path)
    assert [loop["grade"] for loop in found["loops"]] == ["MAY"] * loops


def test_aws_sources_cannot_come_from_a_function(tmp_path: Path):
    """A rule on an AWS source is no loop with a function that may put events, because PutEvents refuses that source."""
    template = template_of({"source": ["aws.s3"]}, role(put_policy(Resource="*")))
    template["Resources"]["Bot"]["Properties"]["Role"] = {"Fn::GetAtt": ["BotRole", "Arn"]}
    assert report(template, tmp_path)["loops"] == []


@pytest.mark.parametrize(("source", "loops"), [("acme.shop", 1), ("acme.bot", 0)])
def test_inline_code_says_what_it_puts(source: str, loops: int, tmp_path: Path):
    """Where inline code writes its entries out, they are judged instead of the bare permission."""
    code = f"""
import boto3
def handler(event, context):
    client = boto3.client("events")
    client.put_events(Entries=[{{"Source": "{source}", "DetailType": "Order placed", "Detail": "{{}}"}}])
"""
    template = template_of(SHOP, role(put_policy(Resource="*")))
    bot = {"Role": {"Fn::GetAtt": ["BotRole", "Arn"]}, "Runtime": "python3.13", "Code": {"ZipFile": code}}
    template["Resources"]["Bot"]["Properties"] = bot
    assert len(report(template, tmp_path)["loops"]) == loops
    computed = code.replace(f'"{source}"', "event['source']")
    template["Resources"]["Bot"]["Properties"]["Code"] = {"ZipFile": computed}
    assert len(report(template, tmp_path)["loops"]) == 1
    template["Resources"]["Bot"]["Properties"]["Code"] = {"ZipFile": code.replace("put_events(", "put_events(**x, ")}
    assert len(report(template, tmp_path)["loops"]) == 1


SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Queue: {Type: AWS::SQS::Queue}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [acme.shop]}
      Targets: [{Id: t, Arn: !Ref Topic}]
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}
      Policies:
        - LambdaInvokePolicy: {FunctionName: !Ref Sender}
  Sender:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - EventBridgePutEventsPolicy: {EventBusName: default}
"""


def test_chains_of_topics_queues_and_functions_are_followed(tmp_path: Path):
    """A rule that reaches a function over a topic, a queue and another function is followed to what that puts."""
    path = tmp_path / "template.yaml"
    path.write_text(SAM)
    (loop,) = report(path, tmp_path)["loops"]
    assert loop["steps"][0]["via"] == ["Topic", "Queue", "Worker", "Sender"]


def test_an_unknown_target_is_not_judged(tmp_path: Path):
    """A target that the template does not tell is not judged, with exit code 1, until its emissions are declared."""
    template = template_of(SHOP)
    template["Resources"]["Rule"]["Properties"]["Targets"][0]["Arn"] = {"Fn::ImportValue": "Bot"}
    found = report(template, tmp_path)
    assert found["exit_code"] == 1
    assert found["not_judged"][0]["rule"] == "Rule"
    assert report(template, tmp_path, [{"from": "Rule", "nothing": True}])["exit_code"] == 0


def test_loops_across_templates_are_found(tmp_path: Path):
    """Rules of several templates are judged together."""
    paths = []
    for name, here, there in (("one", "left", "right"), ("two", "right", "left")):
        arn = f"arn:aws:events:us-east-1:123456789012:event-bus/{there}"
        properties = {"EventBusName": here, "EventPattern": {"source": ["x"]}, "Targets": [{"Id": "b", "Arn": arn}]}
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps({"Resources": {name: {"Type": "AWS::Events::Rule", "Properties": properties}}}))
        paths.append(path)
    assert run(paths[0]).exit_code == 0
    result = run(*paths, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["loops"][0]["rules"] == ["one", "two"]


def test_another_account_is_a_doubt_and_no_certainty(tmp_path: Path):
    """A bus of the same name in another account may be this one; the step is MAY, never MUST."""
    template = template_of(SHOP)
    arn = "arn:aws:events:us-east-1:999999999999:event-bus/default"
    template["Resources"]["Rule"]["Properties"]["Targets"][0]["Arn"] = arn
    assert [loop["grade"] for loop in report(template, tmp_path)["loops"]] == ["MAY"]


def test_pictures_show_the_loop_and_escape_names(tmp_path: Path):
    """Mermaid and SVG show rules and steps; SVG is well-formed and holds no script, whatever a rule is called."""
    mermaid = run(DATA / "cycle.yaml", "--format", "mermaid").stdout
    assert mermaid.startswith("flowchart LR\n")
    assert "-.->" in mermaid
    assert "linkStyle 0 stroke:#ef6c00" in mermaid
    path = tmp_path / "template.yaml"
    template = template_of({"source": ["github.com"], "detail-type": ["push"]})
    template["Resources"]['R<script>&"'] = template["Resources"].pop("Rule")
    path.write_text(json.dumps(template))
    emissions = tmp_path / "emissions.yaml"
    emissions.write_text("emissions: [{from: Bot, effect: github.push}]")
    svg = run(path, "--emissions", emissions, "--format", "svg").stdout
    root = ET.fromstring(svg)  # noqa: S314 - our own output
    assert root.tag.endswith("svg")
    assert not [element for element in root.iter() if element.tag.endswith("script")]
    assert "MUST" in "".join(root.itertext())
    assert "#lt;script#gt;" in run(path, "--emissions", emissions, "--format", "mermaid").stdout


def test_a_crowd_of_rules_ends_in_time():
    """Of 120 rules that all forward to one bus the first loops are listed, and it is said that there are more."""
    target = Target(None, "bus b", (forwarded(Bus("b")),))
    rules = tuple(
        SiteRule(
            f"R{number}",
            (),
            "live",
            '{"source":["x"]}',
            "",
            Bus("b"),
            True,
            Place("f", pointer=f"/{number}"),
            (target,),
        )
        for number in range(120)
    )
    found = find_loops(build_graph(Site(rules)))
    assert len(found.found) >= LOOPS_MAX
    assert found.unfinished


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid YAML"),
        ("[]", "must be a mapping"),
        ("emissions: []", "at least one entry"),
        ("emissions: [{effect: github.push}]", "`from`"),
        ("emissions: [{from: A, effect: github.dance}]", "there is no effect"),
        ("emissions: [{from: A, bus: b}]", "name an `effect`"),
        ("emissions: [{from: A, nothing: true, bus: b}]", "stands alone"),
        ("emissions: [{from: A, effect: github.push, source: x}]", "leave it out"),
        ("emissions: [{from: A, source: x, detail: {a: [{prefx: x}]}}]", "Unrecognized match type"),
        ("emissions: [{from: A, source: x, colour: red}]", "unknown key 'colour'"),
    ],
)
def test_a_wrong_file_of_emissions_is_explained(text: str, said: str):
    """A mistake in the file is named with its place."""
    with pytest.raises(EmissionsError, match=said):
        read_emissions(text, Path("emissions.yaml"))


def test_the_manual_s_example_of_emissions_is_read():
    """The file that docs/patterns-lint.md shows is a valid one."""
    text = (DATA.parents[2] / "docs" / "patterns-lint.md").read_text(encoding="utf-8")
    example = text.partition("### Emissions, declared")[2].partition("```yaml")[2].partition("```")[0]
    found = {one.source: one.emissions for one in read_emissions(example, Path("emissions.yaml"))}
    assert set(found) == {"Responder", "Enricher", "Republisher", "Auditor"}
    assert found["Auditor"] == ()
    assert found["Republisher"][0].copies


def test_a_phone_number_without_quotes_keeps_its_plus():
    """YAML reads +15559999 as a number; it is the phone number that was meant."""
    text = "emissions: [{from: A, effect: twilio.send, as: {to: +15557777}}]"
    ((declared,),) = [one.emissions for one in read_emissions(text, Path("e.yaml"))]
    assert dict(declared.fields)["detail.To"] == (Text("+15557777"),)


def test_effects_are_listed():
    """`--effects` lists every effect by name and in words."""
    result = run("--effects")
    assert result.exit_code == 0
    assert all(name in result.stdout and words in result.stdout for name, words in names().items())


def test_the_table_says_what_to_do():
    """The table shows the path, the grades, a witness and what would break the loop."""
    text = run(DATA / "cycle.yaml").stdout
    assert "Forward → forwards to the bus work → Enrich" in text
    assert "witness" in text
    assert "0 loops, 1 possible" in text
