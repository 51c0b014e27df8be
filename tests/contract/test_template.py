from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sam_template
from build_tools import REPOSITORY, sources
from hookwatch import config
from hookwatch.cfn import TemplateError
from sam_template import GITHUB_ARN, SECRETS, SHARED_ARN, TWILIO_ARN, broken_rules, deployed, environment, of_type

PROVIDERS = ("GitHub", "Twilio")
ALL_TWILIO = {
    "Deduplicate": "on",
    "TwilioPublicUrl": "https://hooks.example.com/twilio?a=b",
    "TwilioSharedKeyId": "webhooks_sharedkey_1",
    "TwilioSharedKeySecretArn": SHARED_ARN,
}


def lint(template: Path) -> tuple[int, str]:
    """What cfn-lint, as a person runs it, answers and says."""
    command = [Path(sys.executable).with_name("cfn-lint"), template]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def beside_nested(folder: Path) -> Path:
    """A folder in which the paths of the nested templates lead somewhere."""
    for resource in sam_template.written().section("Resources").values():
        if resource["Type"] == "AWS::CloudFormation::Stack":
            nested = Path(resource["Properties"]["TemplateURL"])
            (folder / nested.parent).mkdir(exist_ok=True)
            (folder / nested).write_bytes((sam_template.REPOSITORY / nested).read_bytes())
    return folder


def test_linter_finds_nothing_in_the_template():
    """cfn-lint has nothing to say about template.yaml."""
    assert lint(sam_template.TEMPLATE) == (0, "")


def test_linter_finds_nothing_after_the_transform(tmp_path):
    """cfn-lint has nothing to say about what the SAM transform makes of template.yaml."""
    expanded = beside_nested(tmp_path) / "expanded.json"
    expanded.write_text(sam_template.expanded_text(), encoding="utf-8")
    assert lint(expanded) == (0, "")


def test_linter_would_find_something(tmp_path):
    """The linter that the tests above run does see a fault."""
    faulty = beside_nested(tmp_path) / "faulty.json"
    faulty.write_text(sam_template.expanded_text().replace('"python3.13"', '"python2.7"'), encoding="utf-8")
    code, said = lint(faulty)
    assert code != 0
    assert "python2.7" in said


def test_parameters_of_the_quick_start_keep_name_and_meaning():
    """Whoever deployed AWS's quick start finds its parameters, defaults and secrecy again."""
    parameters = sam_template.written().section("Parameters")
    assert parameters["GitHubWebhookSecret"]["NoEcho"] is True
    assert parameters["TwilioWebhookSecret"]["NoEcho"] is True
    assert parameters["EventBusName"]["Default"] == "default"
    assert parameters["LambdaInvocationThreshold"]["Default"] == 2000


def test_every_parameter_explains_itself_and_has_a_place_in_the_console():
    """Each parameter has a description, a default and one group in the console's form."""
    parameters = sam_template.written().section("Parameters")
    groups = sam_template.written().document["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(parameters)
    assert all(item["Description"] and "Default" in item for item in parameters.values())
    assert all("ConstraintDescription" in item for item in parameters.values() if "AllowedPattern" in item)


def test_every_handler_is_in_the_artefact():
    """Whatever module a function of the template names, the artefact brings it."""
    functions = of_type(deployed(Heartbeat="on"), "AWS::Lambda::Function").values()
    modules = {str(function.properties["Handler"]).rpartition(".")[0] for function in functions}
    assert modules <= sources.reachable_modules(REPOSITORY / "service").keys()
    assert len(modules) > 1


def test_environment_is_what_the_configuration_reads():
    """The template sets exactly the hookwatch variables that hookwatch.config reads, no more and no fewer."""
    stack = deployed(**ALL_TWILIO)
    names = {name for function in ("GitHubFunction", "TwilioFunction") for name in environment(stack, function)}
    assert {name for name in names if name.startswith("HOOKWATCH_")} == set(config.VARIABLES)
    assert not [name for name in environment(stack, "GitHubFunction") if "SHARED" in name or "PUBLIC" in name]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_functions_accept_their_environment_with_defaults(provider: str):
    """A function whose stack was deployed with secrets and nothing else starts."""
    settings = config.load(environment(deployed(), f"{provider}Function"))
    assert settings.provider == provider.lower()
    assert settings.event_bus == "default"
    assert settings.event_format == "hookwatch"
    assert settings.max_entry_bytes == config.DEFAULT_MAX_ENTRY_BYTES
    assert settings.public_url is None
    assert settings.shared_key is None
    queue = "https://sqs.us-east-1.amazonaws.com/123456789012/hooks-parked"
    assert settings.keeping == config.Keeping(queue, "hooks-claimbucket")


def test_every_setting_arrives():
    """What is given as a parameter is what the function reads."""
    stack = deployed(
        **ALL_TWILIO,
        TwilioSharedKeyAlgorithm="HMAC_SHA1",
        TwilioWebhookSecretArn=TWILIO_ARN,
        EventBusName="saas/hooks",
        EventFormat="quickstart",
        MaxEntryBytes=262144,
        DeduplicateHours=24,
    )
    assert config.load(environment(stack, "TwilioFunction")) == config.Settings(
        provider="twilio",
        secret_arn=TWILIO_ARN,
        event_bus="saas/hooks",
        event_format="quickstart",
        max_entry_bytes=262144,
        public_url="https://hooks.example.com/twilio?a=b",
        shared_key=config.SharedKey("webhooks_sharedkey_1", "HMAC_SHA1", SHARED_ARN),
        loops=config.LoopPolicy(limit=30),
        keeping=config.Keeping(
            "https://sqs.us-east-1.amazonaws.com/123456789012/hooks-parked", "hooks-claimbucket", "hooks-seen", 86_400
        ),
    )


def test_the_log_level_drops_no_metric_and_leaks_no_payload():
    """Stricter than INFO would lose a delivery's line and its metrics; at DEBUG the SDK writes whole requests."""
    stack = deployed()
    for function in of_type(stack, "AWS::Lambda::Function"):
        logging = stack.resources[function].properties["LoggingConfig"]
        assert environment(stack, function)["POWERTOOLS_LOG_LEVEL"] == "INFO"
        assert logging["LogFormat"] == "JSON"
        assert logging["ApplicationLogLevel"] == "INFO"
        assert logging["SystemLogLevel"] == "INFO"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_functions_answer_before_the_provider_gives_up(provider: str):
    """The timeout is under GitHub's 10 s, on the runtime and processor that the artefact is built for."""
    function = deployed(MemorySize=512, Tracing="PassThrough").resources[f"{provider}Function"].properties
    assert function["Timeout"] < 10
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert function["Handler"] == "hookwatch.ingest.handler.handler"
    assert function["MemorySize"] == 512
    assert function["TracingConfig"] == {"Mode": "PassThrough"}
    assert function["FunctionName"] == f"hooks-{provider.lower()}"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_traces_keep_no_answers_and_no_exceptions(provider: str):
    """Tracer captures neither return values nor exception texts: both can carry a payload."""
    variables = environment(deployed(), f"{provider}Function")
    assert variables["POWERTOOLS_TRACER_CAPTURE_RESPONSE"] == "false"
    assert variables["POWERTOOLS_TRACER_CAPTURE_ERROR"] == "false"
    assert "POWERTOOLS_LOGGER_LOG_EVENT" not in variables


@pytest.mark.parametrize(("reserved", "expected"), [(None, 10), (1, 1), (25, 25), (0, None)])
def test_reserved_concurrency(reserved: int | None, expected: int | None):
    """Ten copies by default; 0 removes the property, because as a value it would stop the function."""
    stack = deployed(**({} if reserved is None else {"ReservedConcurrency": reserved}))
    for provider in PROVIDERS:
        function = stack.resources[f"{provider}Function"]
        assert function.properties.get("ReservedConcurrentExecutions") == expected


@pytest.mark.parametrize(("off", "on"), [("GitHub", "Twilio"), ("Twilio", "GitHub")])
def test_disabled_provider_leaves_nothing(off: str, on: str):
    """A disabled provider has no resource and no output, and the other one is whole."""
    secrets = {f"{off}WebhookSecret": ""}
    stack = deployed(**secrets, **{f"Enable{off}": "false"})
    assert not [name for name in (*stack.resources, *stack.outputs) if name.startswith(off)]
    assert {name for name in stack.resources if name.startswith(on)} == {
        name for name in deployed().resources if name.startswith(on)
    }


@pytest.mark.parametrize("provider", PROVIDERS)
def test_public_url_has_both_permissions(provider: str):
    """Anybody may call the URL, with both permissions that AWS asks for since October 2025."""
    stack = deployed()
    assert stack.resources[f"{provider}FunctionUrl"].properties["AuthType"] == "NONE"
    granted = [
        {key: value for key, value in item.properties.items() if key != "FunctionName"}
        for name, item in of_type(stack, "AWS::Lambda::Permission").items()
        if name.startswith(provider)
    ]
    assert sorted(granted, key=str) == [
        {"Action": "lambda:InvokeFunction", "Principal": "*", "InvokedViaFunctionUrl": True},
        {"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"},
    ]


def test_log_groups_are_ours_and_do_not_grow_for_ever():
    """Each function writes to a group of the template, named after it, with the retention that was asked for."""
    stack = deployed(LogRetentionDays=90)
    for name, function in of_type(stack, "AWS::Lambda::Function").items():
        group = stack.resources[name.replace("Function", "LogGroup")].properties
        assert function.properties["LoggingConfig"]["LogGroup"] == group["LogGroupName"]
        assert group["LogGroupName"] == f"/aws/lambda/{function.properties['FunctionName']}"
        assert group["RetentionInDays"] == 90
        assert group["LogGroupClass"] == "STANDARD"


def test_given_secret_is_used_and_none_is_made():
    """With an ARN of one's own there is no secret in the stack that an update could overwrite."""
    stack = deployed(GitHubWebhookSecret="", GitHubWebhookSecretArn=GITHUB_ARN)
    assert list(of_type(stack, "AWS::SecretsManager::Secret")) == ["TwilioSecret"]
    assert environment(stack, "GitHubFunction")["HOOKWATCH_SECRET_ARN"] == GITHUB_ARN
    assert stack.outputs["GitHubSecretArn"] == GITHUB_ARN


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"EnableGitHub": "false", "EnableTwilio": "false"}, "Both providers are disabled"),
        (SECRETS | {"GitHubWebhookSecret": ""}, "GitHub is enabled without a secret"),
        (SECRETS | {"TwilioWebhookSecret": ""}, "Twilio is enabled without an auth token"),
        (SECRETS | {"GitHubWebhookSecretArn": GITHUB_ARN}, "not both"),
        (SECRETS | {"TwilioWebhookSecretArn": TWILIO_ARN}, "not both"),
        (SECRETS | {"TwilioSharedKeyId": "id"}, "needs both"),
        (SECRETS | {"TwilioSharedKeySecretArn": SHARED_ARN}, "needs both"),
    ],
)
def test_what_cannot_work_fails_with_a_sentence(parameters: dict[str, str], sentence: str):
    """A stack that could never verify anything is refused before anything is made."""
    (broken,) = broken_rules(**parameters)
    assert sentence in broken


@pytest.mark.parametrize(
    "parameters",
    [
        SECRETS,
        SECRETS | ALL_TWILIO,
        {"GitHubWebhookSecretArn": GITHUB_ARN, "TwilioWebhookSecretArn": TWILIO_ARN},
        {"GitHubWebhookSecret": "a secret", "EnableTwilio": "false"},
        {"TwilioWebhookSecretArn": TWILIO_ARN, "EnableGitHub": "false"},
    ],
)
def test_what_can_work_breaks_no_rule(parameters: dict[str, str]):
    """Every sensible way to give the secrets passes the rules."""
    assert broken_rules(**parameters) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GitHubWebhookSecretArn", "hooks/github"),
        ("GitHubWebhookSecretArn", "arn:aws:secretsmanager:us-east-1:123456789012:secret:github"),
        ("TwilioSharedKeySecretArn", "arn:aws:sqs:us-east-1:123456789012:queue-AbCdEf"),
        ("GitHubWebhookSecret", "pasted with its line break\n"),
        ("TwilioWebhookSecret", " token"),
        ("EventBusName", "arn:aws:events:us-east-1:123456789012:event-bus/default"),
        ("NotificationEmail", "nobody"),
        ("TwilioPublicUrl", "hooks.example.com"),
        ("TwilioPublicUrl", "https://user:password@hooks.example.com/"),
        ("SecretKmsKeyArn", "alias/hooks"),
        ("ReservedConcurrency", -1),
        ("LogRetentionDays", 31),
        ("EventFormat", "xml"),
        ("EnableGitHub", "yes"),
    ],
)
def test_odd_parameters_are_refused(name: str, value: object):
    """A value that could not work is refused when the stack is made, not at the first delivery."""
    with pytest.raises(TemplateError, match=name):
        deployed(**{name: value})


@pytest.mark.parametrize("secret", ["It's a Secret to Everybody", "x", "12345", "äöü", '{"a": 1}'])
def test_ordinary_secrets_are_taken(secret: str):
    """Spaces inside, one character, other alphabets: whatever GitHub's form takes."""
    assert deployed(GitHubWebhookSecret=secret).resources["GitHubSecret"].properties["SecretString"] == secret
