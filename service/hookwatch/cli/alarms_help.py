"""The help texts of `hookwatch alarms`: words only, no code.

Markdown, because Typer keeps the lines of a code block only there.
"""

TEST_HELP = """\
Run alarm unit tests. Exit code 0: all passed; 1: a case failed; 2: a file could not be run.

A test file is YAML or JSON; `template` is looked up beside it, then in the working directory:

```yaml
template: alarms/stack.yaml
parameters: {MonitoringLevel: full}
cases:
  - name: one forged request never pages
    step_s: 60
    series:
      - namespace: Hookwatch
        metric: BadSignature
        dimensions: {service: hookwatch, provider: github}
        values: "0x10 1 0x10"
    expect:
      - {at_s: 900, alarm: GitHubSignatureShare, state: OK, actions: []}
```

- `values` has one entry a step: `3` is one sample, `0x10` eleven zeros, `1+2x3` is 1 3 5 7, `9-1x2` is 9 8 7,
  `_` and `_x4` are missing, `[5,7,90]` are three samples in one step, `5*40` forty. A YAML list of entries is read too.
- Entry i arrives at i * `step_s`. `at_s` is judged once every period that has ended by then was evaluated, one
  evaluation a period of the alarm. Every alarm begins in INSUFFICIENT_DATA.
- An alarm inside a nested stack is `Stack.Id`.
- `actions`, when given, are all actions since the previous expectation of the same alarm (or the start), as logical
  ids of topics or parts of their ARNs; `[]` means none.
- A Contributor Insights metric is `insight_rule: NAME` with `metric`, in place of namespace and dimensions.

Examples:

```console
hookwatch alarms test tests/alarms/*.yaml
hookwatch alarms test slo.yaml --junit report.xml
```
"""

EXPLAIN_HELP = """\
Say what fires an alarm, how soon, what missing data does, and what it costs a month.

Examples:

```console
hookwatch alarms explain GitHubUrl5xx --template alarms/stack.yaml -p GitHubFunctionName=hooks-github
hookwatch alarms explain Alarms.GitHubCustomerImpact -t template.yaml -p MonitoringLevel=full
```
"""

LINT_HELP = """\
Find what cfn-lint does not see in alarms, composite alarms and budgets.

Exit code 0: nothing but information; 1: an error or a warning; 2: a template could not be read.

Examples:

```console
hookwatch alarms lint template.yaml alarms/stack.yaml
hookwatch alarms lint stack.yaml -p MonitoringLevel=full --json
hookwatch alarms lint --rules
```
"""
