"""AlarmRule text to a rule.

Never looks an alarm up. Grammar:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html, read 2026-11-22;
AT_LEAST(2, ALARM, (a, b, c)) and AT_LEAST(60%, NOT OK, (a, b)) as the CDK's AlarmRule.atLeast writes them,
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cloudwatch.AtLeastOptions.html, read 2026-11-22.
"""

import math
import re

from hookwatch.alarms.rule import All, Any, AtLeast, Constant, InState, Not, Rule, RuleFault, children
from hookwatch.alarms.state import AlarmState

MAX_RULE_CHARACTERS = 10_240
MAX_CHILDREN = 100
MAX_ELEMENTS = 500
"""Limits of AlarmRule: API_PutCompositeAlarm.html, read 2026-11-22."""

MAX_DEPTH = 100
"""Ours: nested brackets and NOTs; a guard for the recursion."""

_TOKEN = re.compile(r'\s*(?:(?P<text>"[^"]*")|(?P<word>[A-Za-z_]+)|(?P<number>\d+(?:\.\d+)?%?)|(?P<symbol>[(),]))')
_BARE_NAME = re.compile(r"[^\s,()\"][^,()\"]*")
_QUOTED_NAME = re.compile(r'"([^"]+)"')


def parse_rule(text: str) -> Rule | RuleFault:
    """Read an AlarmRule, or say where and why it is none."""
    if len(text) > MAX_RULE_CHARACTERS:
        return RuleFault(f"longer than {MAX_RULE_CHARACTERS:,} characters", MAX_RULE_CHARACTERS + 1)
    try:
        parser = _Parser(text)
        rule = parser.either()
        parser.expect_end()
    except _RuleFaultError as error:
        return error.fault
    if len(set(children(rule))) > MAX_CHILDREN:
        return RuleFault(f"names more than {MAX_CHILDREN} alarms", 1)
    if parser.elements > MAX_ELEMENTS:
        return RuleFault(f"has more than {MAX_ELEMENTS} elements", 1)
    return rule


class _RuleFaultError(Exception):
    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.fault = RuleFault(message, position + 1)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0
        self.elements = 0

    def either(self) -> Rule:
        parts = [self._both()]
        while self._word_follows("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _both(self) -> Rule:
        parts = [self._negated()]
        while self._word_follows("AND"):
            parts.append(self._negated())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _negated(self) -> Rule:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _RuleFaultError(f"nested more than {MAX_DEPTH} deep", self._at)
        part = Not(self._negated()) if self._word_follows("NOT") else self._part()
        self._depth -= 1
        return part

    def _part(self) -> Rule:
        at, kind, token = self._take()
        self.elements += 1
        match kind, token:
            case "symbol", "(":
                inner = self.either()
                self._expect(")", f"for the ( in column {at + 1}")
                return inner
            case "word", "TRUE" | "FALSE":
                return Constant(token.startswith("T"))
            case "word", "AT_LEAST":
                return self._at_least()
            case "word", "ALARM" | "OK" | "INSUFFICIENT_DATA":
                self._expect("(", f"after {token}")
                name = self._name()
                self._expect(")", "after the alarm's name")
                return InState(name, AlarmState(token))
            case _:
                wanted = "ALARM(...), OK(...), INSUFFICIENT_DATA(...), AT_LEAST(...), NOT, TRUE, FALSE or ("
                raise _RuleFaultError(f"expected {wanted}, found {token or 'the end of the rule'!s}", at)

    def _at_least(self) -> AtLeast:
        self._expect("(", "after AT_LEAST")
        at, kind, token = self._take()
        if kind != "number":
            raise _RuleFaultError("AT_LEAST needs a count or a percentage first", at)
        self._expect(",", "after the count")
        negated = self._word_follows("NOT")
        state_at, kind, word = self._take()
        if word not in tuple(AlarmState):
            raise _RuleFaultError(f"AT_LEAST needs ALARM, OK or INSUFFICIENT_DATA, found {word}", state_at)
        self._expect(",", "after the state")
        self._expect("(", "before the list of alarms")
        names = [self._name()]
        while self._symbol_follows(","):
            names.append(self._name())
        self._expect(")", "after the list of alarms")
        self._expect(")", "to close AT_LEAST")
        self.elements += len(names)
        percent = token.endswith("%")
        amount = float(token.rstrip("%"))
        wanted = math.ceil(round(amount / 100 * len(names), 9)) if percent else int(amount)
        if (percent and amount > 100) or (not percent and (wanted > len(names) or wanted != amount)) or amount <= 0:  # noqa: PLR2004 - per cent
            raise _RuleFaultError(f"AT_LEAST {token} of {len(names)} alarms can never be judged", at)
        return AtLeast(max(1, wanted), AlarmState(word), negated, tuple(names))

    def _name(self) -> str:
        start = self._blanks()
        if found := _QUOTED_NAME.match(self._text, start):
            self._at = found.end()
            return found.group(1)
        if found := _BARE_NAME.match(self._text, start):
            self._at = found.end()
            return found.group().strip()
        raise _RuleFaultError("expected an alarm's name or ARN", start)

    def _blanks(self) -> int:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at

    def _peek(self) -> tuple[int, str, str, int]:
        start = self._blanks()
        if start == len(self._text):
            return start, "end", "", start
        found = _TOKEN.match(self._text, start)
        if found is None:
            raise _RuleFaultError(f"unexpected {self._text[start]!r}", start)
        return start, str(found.lastgroup), found.group().strip(), found.end()

    def _take(self) -> tuple[int, str, str]:
        start, kind, token, end = self._peek()
        self._at = end
        return start, kind, token

    def _word_follows(self, word: str) -> bool:
        _, kind, token, end = self._peek()
        if kind == "word" and token == word:
            self._at = end
            return True
        return False

    def _symbol_follows(self, symbol: str) -> bool:
        _, kind, token, end = self._peek()
        if kind == "symbol" and token == symbol:
            self._at = end
            return True
        return False

    def _expect(self, symbol: str, why: str) -> None:
        start, _, token, _ = self._peek()
        if not self._symbol_follows(symbol):
            raise _RuleFaultError(f"expected {symbol} {why}, found {token or 'the end of the rule'}", start)

    def expect_end(self) -> None:
        start, kind, token, _ = self._peek()
        if kind != "end":
            raise _RuleFaultError(f"expected AND, OR or the end, found {token}", start)
