"""Random pairs of event pattern and event, as JSON text; the vocabulary is small so that many pairs meet.

Never judges a pair. Everything comes from the `random.Random` that is passed in, so a seed names a pair for good.
"""

from __future__ import annotations

import json
from random import Random

STRINGS = ["a", "b", "ab", "AB", "abc", "", "a*", "x.y", "10.0.0.1", "10.0.0.7", "é", "É", "1"]
NUMBERS = ["0", "1", "1.0", "1e0", "2", "10", "1e1", "-1", "0.5", "3.5", "9007199254740993"]
KEYS = ["p", "q", "r", "p.q"]
WILDCARDS = ["*", "a*", "*b", "*b*", "a*c", "a\\\\*", "*.*"]
BLOCKS = ["10.0.0.0/24", "10.0.0.0/31", "10.0.0.0/8", "::/0"]


def seeded(seed: int) -> Random:
    """Make the source of randomness that a seed names."""
    return Random(seed)  # noqa: S311 - a seed has to name a pair for good; nothing here is secret


def event(random: Random) -> str:
    """One event: objects, arrays, duplicate and dotted keys, a few levels deep."""
    return _object(random, 3)


def pattern(random: Random) -> str:
    """One pattern with every operator; about one in ten is invalid."""
    return _pattern(random, 2)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _string(random: Random) -> str:
    return _text(random.choice(STRINGS))


def _scalar(random: Random) -> str:
    kind = random.random()
    if kind < 0.6:
        return _string(random)
    return random.choice(NUMBERS) if kind < 0.85 else random.choice(["null", "true", "false"])


def _value(random: Random, depth: int) -> str:
    kind = random.random()
    if depth <= 0 or kind < 0.45:
        return _scalar(random)
    if kind < 0.75:
        return f"[{','.join(_value(random, depth - 1) for _ in range(random.randint(0, 3)))}]"
    return _object(random, depth - 1)


def _object(random: Random, depth: int) -> str:
    fields = (f"{_text(random.choice(KEYS))}:{_value(random, depth)}" for _ in range(random.randint(0, 4)))
    return f"{{{','.join(fields)}}}"


def _pattern(random: Random, depth: int) -> str:
    fields = []
    for _ in range(random.randint(1, 3)):
        kind = random.random()
        if kind < 0.12 and depth > 0:
            branches = ",".join(_pattern(random, depth - 1) for _ in range(random.choice([2, 2, 2, 3, 1])))
            fields.append(f'"$or":[{branches}]')
        elif kind < 0.35 and depth > 0:
            fields.append(f"{_text(random.choice(KEYS))}:{_pattern(random, depth - 1)}")
        else:
            entries = ",".join(_entry(random) for _ in range(random.randint(1, 3)))
            fields.append(f"{_text(random.choice(KEYS))}:[{entries}]")
    return f"{{{','.join(fields)}}}"


def _entry(random: Random) -> str:
    kind = random.randrange(14)
    operators = {
        3: "prefix",
        4: "suffix",
        5: "equals-ignore-case",
    }
    if kind < 3:
        return _scalar(random)
    if kind in operators:
        return f'{{"{operators[kind]}":{_string(random)}}}'
    return _MORE[kind - 6](random)


def _ignoring_case(random: Random) -> str:
    return f'{{"{random.choice(["prefix", "suffix"])}":{{"equals-ignore-case":{_string(random)}}}}}'


def _wildcard(random: Random) -> str:
    return f'{{"wildcard":"{random.choice(WILDCARDS)}"}}'


def _exists(random: Random) -> str:
    return f'{{"exists":{random.choice(["true", "false"])}}}'


def _cidr(random: Random) -> str:
    return f'{{"cidr":"{random.choice(BLOCKS)}"}}'


def _numeric(random: Random) -> str:
    if random.random() < 0.5:
        return f'{{"numeric":["{random.choice(["=", "<", "<=", ">", ">="])}",{random.choice(NUMBERS)}]}}'
    low, high = random.choice(NUMBERS), random.choice(NUMBERS)
    return f'{{"numeric":["{random.choice([">", ">="])}",{low},"{random.choice(["<", "<="])}",{high}]}}'


def _anything_but(random: Random) -> str:
    return f'{{"anything-but":{random.choice([_string(random), random.choice(NUMBERS)])}}}'


def _anything_but_list(random: Random) -> str:
    values = [*map(_text, STRINGS)] if random.random() < 0.5 else NUMBERS
    return f'{{"anything-but":[{",".join(random.choices(values, k=random.randint(1, 2)))}]}}'


def _anything_but_expression(random: Random) -> str:
    operator = random.choice(["prefix", "suffix", "equals-ignore-case", "wildcard"])
    operand = f'"{random.choice(WILDCARDS)}"' if operator == "wildcard" else _string(random)
    return f'{{"anything-but":{{"{operator}":{operand}}}}}'


_MORE = [
    _ignoring_case,
    _wildcard,
    _exists,
    _cidr,
    _numeric,
    _anything_but,
    _anything_but_list,
    _anything_but_expression,
]
