"""How a Contributor Insights metric is given as an input series.

Never computes contributors. In a test file either `insight_rule: NAME` with `metric`, or the pseudo namespace
`INSIGHT_RULE_METRIC` with the dimension RuleName; the name may be the rule's logical id.
"""

from hookwatch.alarms.metrics import INSIGHT_NAMESPACE, Metric, metric
from hookwatch.cfn import Stack


def insight_metric(rule: str, name: str) -> Metric:
    """Return the key that `INSIGHT_RULE_METRIC('rule', 'name')` asks for."""
    return metric(INSIGHT_NAMESPACE, name, {"RuleName": rule})


def with_rule_name(key: Metric, stack: Stack) -> Metric:
    """Put the rule's physical name where a series gives its logical id; any other metric stays as it is."""
    if key.namespace != INSIGHT_NAMESPACE:
        return key
    rules = ((identity, item) for identity, item in stack.walk() if item.type == "AWS::CloudWatch::InsightRule")
    names = {identity: item.physical_name for identity, item in rules}
    rule = dict(key.dimensions).get("RuleName", "")
    return insight_metric(str(names.get(rule, rule)), key.name)
