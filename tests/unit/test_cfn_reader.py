import pytest

from hookwatch.cfn import TemplateError, load, load_text
from hookwatch.cfn.reader import read_data

MINIMAL = "Resources: {A: {Type: X}}"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!GetAtt A.Arn", {"Fn::GetAtt": ["A", "Arn"]}),
        ("!GetAtt A.Outputs.B", {"Fn::GetAtt": ["A", "Outputs.B"]}),
        ("!GetAtt [A, Arn]", {"Fn::GetAtt": ["A", "Arn"]}),
        ("{Fn::GetAtt: A.Arn}", {"Fn::GetAtt": ["A", "Arn"]}),
        ("!Sub 'x${A}'", {"Fn::Sub": "x${A}"}),
        ("!Join ['-', [!Ref A, b]]", {"Fn::Join": ["-", [{"Ref": "A"}, "b"]]}),
        ("!If [C, 1, !Ref AWS::NoValue]", {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}),
        ("!Condition C", {"Condition": "C"}),
        ("!Base64 x", {"Fn::Base64": "x"}),
        ("!Transform {Name: AWS::Include}", {"Fn::Transform": {"Name": "AWS::Include"}}),
    ],
)
def test_short_tags_become_long_form(short, long):
    """Every short tag reads as the function's long form."""
    assert load_text(f"{MINIMAL}\nX: {short}\n").document["X"] == long


def test_json_and_yaml_templates_read_alike():
    """A JSON template, tabs and all, gives the same document as its YAML twin."""
    as_json = load_text('{\n\t"Resources": {"A": {"Type": "X", "Properties": {"P": {"Fn::GetAtt": "B.Arn"}}}}\n}')
    as_yaml = load_text("Resources:\n  A:\n    Type: X\n    Properties: {P: !GetAtt B.Arn}\n")
    assert as_json.document == as_yaml.document
    assert as_json.lines == {"A": 2}
    assert as_yaml.lines == {"A": 2}


def test_dates_stay_text():
    """A policy version is text, never a date."""
    assert load_text(f"{MINIMAL}\nV: 2012-10-17\n").document["V"] == "2012-10-17"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("Resources:\n  A: [1\n", "not valid YAML", 3),
        ("Resources:\n  A: {Type: X}\n  A: {Type: Y}\n", "'A' stands here and already on line 2", 3),
        ('{"Resources": {"A": {"Type": "X"}, "A": {"Type": "Y"}}}', "'A' stands twice", None),
        ("", "the file is empty", None),
        ("- 1\n", "must be a mapping", 1),
        ("a: 1\n", "no Resources section", None),
        ("Resources: [1]\n", "section Resources must be a mapping", None),
        ("Resources: {A: &x {Type: *x}}\n", "aliases unfold", None),
        ("Resources: {A: !!python/object:os.system {}}\n", "not valid YAML", 1),
        ("[" * 5000, "nested too deeply", None),
        ("x" * 1_048_577, "larger than CloudFormation's limit", None),
    ],
)
def test_what_is_no_template_is_one_clear_error(text, message, line):
    """A broken template is a TemplateError that says what and where."""
    with pytest.raises(TemplateError, match=message) as caught:
        load_text(text)
    assert caught.value.line == line


def test_aliases_that_unfold_without_end_are_refused():
    """A billion laughs is refused before it is unfolded."""
    levels = "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12))
    with pytest.raises(TemplateError, match="aliases unfold"):
        load_text(f"a: &a [x,x,x,x,x,x,x,x,x]\n{levels}{MINIMAL}")


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    """A path that is no file is said to be missing, or to be a folder."""
    with pytest.raises(TemplateError, match=r"none\.yaml: no such file"):
        load(tmp_path / "none.yaml")
    with pytest.raises(TemplateError, match="this is a folder"):
        load(tmp_path)


def test_data_files_keep_promtool_notation():
    """In a test file 0x10 is promtool's eleven zeros, not YAML's sixteen."""
    assert read_data("values: 0x10\nlist: [0x2, 010, 7, -3]\n") == {"values": "0x10", "list": ["0x2", "010", 7, -3]}
