import json

import pytest

from hookwatch.cfn import Stack, TemplateError, Unresolved, load, load_text, resolve

PARAMETERS = """
Parameters:
  Name: {Type: String, Default: shop}
  Count: {Type: Number, Default: "5"}
  Ratio: {Type: Number, Default: 1.5}
  Items: {Type: CommaDelimitedList, Default: "a, b"}
  Level: {Type: String, AllowedValues: [low, high], Default: low}
  Wanted: {Type: String}
  Image: {Type: "AWS::SSM::Parameter::Value<String>", Default: /image}
Conditions:
  IsLow: !Equals [!Ref Level, low]
  IsHigh: !Not [!Condition IsLow]
  Both: !And [!Condition IsLow, !Condition IsHigh]
  Either: !Or [!Condition IsHigh, !Equals [!Ref Count, "5"]]
  Unknown: !Equals [!Ref Wanted, x]
  DecidedAnyway: !Or [!Condition Unknown, !Condition IsLow]
  Circle: !Not [!Condition Circle]
Mappings:
  Sizes: {eu-west-1: {small: 3}}
"""


def resolved(value: str, more: str = "", **parameters) -> object:
    """Return what one property resolves to."""
    template = load_text(
        f"{PARAMETERS}\nResources:\n  It:\n    Type: X::Y::Z\n    Properties:\n      P: {value}\n{more}"
    )
    return resolve(template, parameters, region="eu-west-1").resources["It"].properties.get("P", "absent")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("!Ref Name", "shop"),
        ("!Ref Count", 5),
        ("!Ref Ratio", 1.5),
        ("!Ref Items", ["a", "b"]),
        ("!Ref AWS::Region", "eu-west-1"),
        ("!Ref AWS::NoValue", "absent"),
        ("!Sub '${Name}-${Count}-${!Name}-${AWS::StackName}'", "shop-5-${Name}-hookwatch"),
        ("!Sub ['${x}${Name}', {x: !Ref Count}]", "5shop"),
        ("!Join ['-', !Ref Items]", "a-b"),
        ("!Select [1, !Split ['|', 'bus|rule']]", "rule"),
        ("!Select ['0', !Ref Items]", "a"),
        ("!FindInMap [Sizes, !Ref AWS::Region, small]", 3),
        ("!FindInMap [Sizes, mars, small, {DefaultValue: 9}]", 9),
        ("!If [IsLow, yes-low, no]", "yes-low"),
        ("!If [IsHigh, 1, !Ref AWS::NoValue]", "absent"),
        ("[1, !If [IsHigh, 2, !Ref AWS::NoValue]]", [1]),
        ("!If [Both, 1, 2]", 2),
        ("!If [Either, 1, 2]", 1),
        ("!If [DecidedAnyway, 1, 2]", 1),
        ("!Base64 hi", "aGk="),
        ("{Fn::Length: !Ref Items}", 2),
        ("{Fn::ToJsonString: {a: !Ref Count, b: [!Ref Name]}}", '{"a":5,"b":["shop"]}'),
        ("{Ref: Name, Other: 1}", {"Ref": "Name", "Other": 1}),
    ],
)
def test_functions_give_what_cloudformation_gives(value, expected):
    """Each function over known values gives CloudFormation's result."""
    assert resolved(value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("!Ref Wanted", "parameter Wanted has no value"),
        ("!Ref Nothing", "no parameter or resource Nothing"),
        ("!Ref Image", "read from SSM"),
        ("!Sub 'x${Wanted}'", "parameter Wanted"),
        ("!Sub 'x${Nothing}'", "Nothing"),
        ("!ImportValue shared", "'shared' is only known to AWS"),
        ("!GetAZs ''", "only known to AWS"),
        ("{Fn::Cidr: [a, 1, 2]}", "only known to AWS"),
        ("!Select [9, !Ref Items]", "9 of a list of 2"),
        ("!FindInMap [Sizes, mars, small]", "no mars.small"),
        ("!If [Unknown, 1, 2]", "parameter Wanted"),
        ("!If [Circle, 1, 2]", "depends on itself"),
        ("!If [Missing, 1, 2]", "no condition Missing"),
        ("!GetAtt It.Arn", "only known after the deploy"),
        ("!GetAtt Nothing.Arn", "Nothing"),
        ("'{{resolve:ssm:/x}}'", "dynamic reference"),
        ("{Fn::Nonsense: 1}", "Fn::Nonsense is not simulated"),
        ("!Join [',', !Ref Wanted]", "parameter Wanted"),
        ("{Fn::ToJsonString: {a: !Ref Wanted}}", "parameter Wanted"),
    ],
)
def test_what_cannot_be_known_is_unresolved_where_it_stands(value, reason):
    """A value that the file cannot tell becomes Unresolved with its reason, never a guess."""
    found = resolved(value)
    assert isinstance(found, Unresolved)
    assert reason in found.reason


def test_a_missing_parameter_stays_beside_resolved_parts():
    """An unresolved part does not spoil the properties around it, and the stack lists what is missing."""
    stack = resolve(load_text(f"{PARAMETERS}\nResources: {{A: {{Type: X, Properties: {{P: [1, !Ref Wanted]}}}}}}"))
    assert stack.resources["A"].properties["P"][0] == 1
    assert stack.missing_parameters == ("Wanted",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Lvel": "low"}, "there is no parameter Lvel"),
        ({"level": "low"}, "did you mean Level"),
        ({"Level": "medium"}, "'medium' is not one of low, high"),
        ({"Count": "many"}, "'many' is not a number"),
        ({"Level": "x", "Count": "y"}, "Count.*Level"),
    ],
)
def test_wrong_parameters_are_refused_together(given, message):
    """Unknown and forbidden parameter values are one error that names them all."""
    with pytest.raises(TemplateError, match=message):
        resolved("1", **given)


@pytest.mark.parametrize(
    ("declaration", "value", "ok"),
    [
        ("{Type: Number, MinValue: 1, MaxValue: 9}", "10", False),
        ("{Type: Number, MinValue: 1, MaxValue: 9}", "9", True),
        ("{Type: String, AllowedPattern: '[a-z]+'}", "a1", False),
        ("{Type: String, MinLength: 3}", "ab", False),
        ("{Type: CommaDelimitedList, AllowedValues: [a, b]}", "a,b", True),
        ("{Type: CommaDelimitedList, AllowedValues: [a, b]}", ["a", "c"], False),
    ],
)
def test_parameter_constraints_hold(declaration, value, ok):
    """The constraints of a parameter are checked as CloudFormation does."""
    template = load_text(f"Parameters: {{P: {declaration}}}\nResources: {{A: {{Type: X}}}}")
    if ok:
        assert resolve(template, {"P": value}).missing_parameters == ()
    else:
        with pytest.raises(TemplateError):
            resolve(template, {"P": value})


def one_of_each() -> Stack:
    """Return a stack with resources whose Ref and ARN differ in kind."""
    return resolve(
        load_text("""
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: parked}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: hooks}}
  OnBus: {Type: AWS::Events::Rule, Properties: {EventBusName: !GetAtt Bus.Arn}}
  OnDefault: {Type: AWS::Events::Rule, Properties: {Name: plain}}
  Function: {Type: AWS::Serverless::Function, Properties: {FunctionName: !Sub "${AWS::StackName}-f"}}
  Group: {Type: AWS::Logs::LogGroup}
  Alarm: {Type: AWS::CloudWatch::Alarm}
  Contributors: {Type: AWS::CloudWatch::InsightRule, Properties: {RuleName: top}}
Outputs:
  Queue: {Value: !GetAtt Queue.Arn}
  Function: {Value: !GetAtt Function.Arn}
  OnBus: {Value: !GetAtt OnBus.Arn}
  Alarm: {Value: !GetAtt Alarm.Arn}
  Group: {Value: !GetAtt Group.Arn}
"""),
        stack_name="s",
    )


def test_ref_gives_each_type_its_own_kind_of_name():
    """Ref is an ARN for a topic and an insight rule, a URL for a queue, and bus|rule for a rule on a custom bus."""
    refs = {key: resource.ref for key, resource in one_of_each().resources.items()}
    assert refs == {
        "Topic": "arn:aws:sns:us-east-1:123456789012:s-Topic",
        "Queue": "https://sqs.us-east-1.amazonaws.com/123456789012/parked",
        "Bus": "hooks",
        "OnBus": "hooks|s-OnBus",
        "OnDefault": "plain",
        "Function": "s-f",
        "Group": "s-Group",
        "Alarm": "s-Alarm",
        "Contributors": "arn:aws:cloudwatch:us-east-1:123456789012:insight-rule/top",
    }


def test_arns_follow_the_services_formats():
    """GetAtt Arn has the form that the service uses."""
    assert one_of_each().outputs == {
        "Queue": "arn:aws:sqs:us-east-1:123456789012:parked",
        "Function": "arn:aws:lambda:us-east-1:123456789012:function:s-f",
        "OnBus": "arn:aws:events:us-east-1:123456789012:rule/hooks/s-OnBus",
        "Alarm": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:s-Alarm",
        "Group": "arn:aws:logs:us-east-1:123456789012:log-group:s-Group:*",
    }


def test_resources_follow_their_condition():
    """A resource whose condition is false is left out, one whose condition is unknown stays with the reason."""
    text = "Resources: {A: {Type: X, Condition: IsHigh}, B: {Type: X, Condition: Unknown}, C: {Type: X}}"
    template = load_text(f"{PARAMETERS}\n{text}")
    stack = resolve(template)
    assert list(stack.resources) == ["B", "C"]
    assert isinstance(stack.resources["B"].condition_true, Unresolved)
    assert list(resolve(template, every_resource=True).resources) == ["A", "B", "C"]


@pytest.fixture
def nested(tmp_path):
    """Write a parent with two children that exchange values, and return the parent's path."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "child.yaml").write_text(
        "Parameters: {Topic: {Type: String}, Level: {Type: String, Default: x}}\n"
        "Resources: {A: {Type: X::Y::Z, Properties: {T: !Ref Topic, L: !Ref Level}}}\n"
        "Outputs: {Name: {Value: !Sub 'from-${AWS::StackName}'}}\n"
    )
    (tmp_path / "parent.json").write_text(
        json.dumps(
            {
                "Resources": {
                    "Topic": {"Type": "AWS::SNS::Topic"},
                    "One": {
                        "Type": "AWS::CloudFormation::Stack",
                        "Properties": {"TemplateURL": "sub/child.yaml", "Parameters": {"Topic": {"Ref": "Topic"}}},
                    },
                    "Two": {
                        "Type": "AWS::Serverless::Application",
                        "Properties": {
                            "Location": "sub/child.yaml",
                            "Parameters": {"Topic": "t", "Level": {"Fn::GetAtt": ["One", "Outputs.Name"]}},
                        },
                    },
                    "Far": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://s3/x.yaml"}},
                    "Gone": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "gone.yaml"}},
                    "Loop": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "parent.json"}},
                }
            }
        )
    )
    return tmp_path / "parent.json"


def test_nested_stacks_get_their_parameters_and_give_their_outputs(nested):
    """Parameters go down, outputs come up, and walk names resources Stack.Id."""
    stack = resolve(load(nested), stack_name="top")
    walked = dict(stack.walk())
    assert walked["One.A"].properties == {"T": "arn:aws:sns:us-east-1:123456789012:top-Topic", "L": "x"}
    assert walked["Two.A"].properties == {"T": "t", "L": "from-top-One"}
    assert [prefix for prefix, _ in stack.stacks()] == ["", "One", "Two"]


def test_nested_stacks_that_cannot_be_read_are_noted(nested):
    """A remote, a missing and an endless nested template are left out with a note each."""
    notes = " ".join(resolve(load(nested)).notes)
    assert "Far is left out: its template is no local file" in notes
    assert "Gone is left out" in notes
    assert "Loop is left out: its template nests itself" in notes


def test_a_resource_that_names_itself_does_not_hang():
    """A name that depends on itself is unresolved."""
    template = load_text("Resources: {A: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub '${A.TopicName}x'}}}")
    assert isinstance(resolve(template).resources["A"].physical_name, Unresolved)
