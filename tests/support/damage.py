"""A recorded trace, damaged: each kind of damage takes the lines of a file and gives others, or None."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

Lines = list[str]
Damage = Callable[[random.Random, Lines, Lines], Lines | None]

_CLOCKS = (float("inf"), float("nan"), -1.0, 1e300, "1e999")
_PROBS = ("confidences", "draft_probs", "target_probs", "threshold", "target_prob", "matchness")


def _edited(lines: Lines, number: int, **changes) -> Lines:
    """With some fields of one line changed; a field that is ``...`` is left out."""
    values = json.loads(lines[number]) | changes
    line = json.dumps({name: value for name, value in values.items() if value is not ...})
    return [*lines[:number], line, *lines[number + 1 :]]


def _with(rng: random.Random, lines: Lines, *fields: str) -> tuple[int, str] | None:
    """A random line that has one of these fields, not empty, and that field."""
    found = []
    for number, line in enumerate(lines[1:], start=1):
        values = json.loads(line)
        found += [(number, name) for name in fields if values.get(name) not in (None, [], ())]
    return rng.choice(found) if found else None


def swapped(rng, lines, other):
    a, b = rng.sample(range(1, len(lines)), 2)
    if rng.random() < 0.5:
        b = a + 1 if a + 1 < len(lines) else a - 1
    lines = list(lines)
    lines[a], lines[b] = lines[b], lines[a]
    return lines


def left_out(rng, lines, other):
    at = rng.randrange(len(lines))
    return lines[:at] + lines[at + rng.choice([1, 1, 1, 2, 5]) :]


def doubled(rng, lines, other):
    at = rng.randrange(len(lines))
    return [*lines[: at + 1], lines[at], *lines[at + 1 :]]


def moved(rng, lines, other):
    at, to = rng.sample(range(1, len(lines)), 2)
    rest = lines[:at] + lines[at + 1 :]
    return [*rest[:to], lines[at], *rest[to:]]


def merged(rng, lines, other):
    at, taken = rng.randrange(1, len(lines)), rng.randrange(1, len(other))
    if rng.random() < 0.5:
        return [*lines[:at], other[taken], *lines[at + 1 :]]
    return [*lines[:at], *other[taken : taken + rng.randint(1, 4)], *lines[at:]]


def negative_id(rng, lines, other):
    found = _with(rng, lines, "token_id", "token_ids", "prompt_ids", "next_token_id")
    number, name = found
    value = json.loads(lines[number])[name]
    if isinstance(value, list):
        value[rng.randrange(len(value))] = rng.choice([-1, -(2**40), 2**31, 2**62])
    else:
        value = -value - 1
    return _edited(lines, number, **{name: value})


def renamed(rng, lines, other):
    number = rng.randrange(len(lines))
    values = json.loads(lines[number])
    name = rng.choice(sorted(values))
    new = rng.choice([name + "s", name.upper(), "x", "\ud800", name * 300])
    return _edited(lines, number, **{name: ..., new: values[name]})


def clock_broken(rng, lines, other):
    number, _ = _with(rng, lines, "clock_s")
    clock = json.loads(lines[number])["clock_s"]
    wrong = rng.choice([*_CLOCKS, clock + 1e4, clock - 1e4, 10**400])
    line = json.dumps(json.loads(lines[number]) | {"clock_s": wrong}).replace('"1e999"', "1e999")
    return [*lines[:number], line, *lines[number + 1 :]]


def probability_broken(rng, lines, other):
    number, name = _with(rng, lines, *_PROBS)
    value = json.loads(lines[number])[name]
    wrong = rng.choice([-0.5, 1.5, float("nan"), float("inf"), 1e300])
    if isinstance(value, list):
        value[rng.randrange(len(value))] = wrong
        return _edited(lines, number, **{name: value})
    return _edited(lines, number, **{name: wrong})


def count_broken(rng, lines, other):
    number, name = _with(
        rng, lines, "num_drafted", "num_tokens", "round", "trial", "num_layers", "max_new_tokens"
    )
    value = json.loads(lines[number])[name]
    if name == "num_layers":
        value = rng.choice([0, -4, 5, 3 * 10**7])
    elif name == "max_new_tokens":
        value = rng.choice([0, -1, 3, 2**60])
    else:
        value += rng.choice([-1, 1, 7, 10**15])
    return _edited(lines, number, **{name: value})


def tree_broken(rng, lines, other):
    if (found := _with(rng, lines, "parents")) is None:
        return None
    number, _ = found
    parents = json.loads(lines[number])["parents"]
    kind = rng.randrange(3)
    if kind == 0:
        parents = [0] * len(parents)
    elif kind == 1:
        parents[rng.randrange(len(parents))] = len(parents) + rng.randrange(3)
    else:
        parents = parents[:-1]
    return _edited(lines, number, parents=parents)


def list_shortened(rng, lines, other):
    number, name = _with(
        rng,
        lines,
        "texts",
        "token_ids",
        "confidences",
        "draft_probs",
        "target_probs",
        "alternatives",
        "accepted",
    )
    value = json.loads(lines[number])[name]
    value = value[:-1] if rng.random() < 0.7 else [*value, value[-1]]
    return _edited(lines, number, **{name: value})


def verdict_changed(rng, lines, other):
    if (found := _with(rng, lines, "next_token_kind")) is None:
        return None
    number, _ = found
    values = json.loads(lines[number])
    kind = rng.choice(sorted({"bonus", "corrected", "plain"} - {values["next_token_kind"]}))
    ids = [*values["token_ids"][:-1], values["token_ids"][-1] + 1]
    return _edited(
        lines,
        number,
        **rng.choice(
            [
                {"next_token_kind": kind},
                {"token_ids": ids},
                {"accepted": [9, *values["accepted"]]},
                {"next_token_id": None},
                {"next_token_prob": None},
            ]
        ),
    )


def skip_set_changed(rng, lines, other):
    if (found := _with(rng, lines, "skip_set")) is None:
        return None
    number, _ = found
    skip_set = json.loads(lines[number])["skip_set"]
    wrong = rng.choice([[4000], [-1], [2**63], [1.5], "abc"])
    return _edited(lines, number, skip_set=skip_set | {rng.choice(["attention", "mlp"]): wrong})


def phase_changed(rng, lines, other):
    if (found := _with(rng, lines, "phase")) is None:
        return None
    number, _ = found
    values = json.loads(lines[number])
    phases = {"optimising", "accelerating", "optimising again", "standing aside"} - {values["phase"]}
    return _edited(lines, number, phase=rng.choice(sorted(phases)))


def end_changed(rng, lines, other):
    number, _ = _with(rng, lines, "stop_reason", "search_s")
    values = json.loads(lines[number])
    if values["event"] == "TokensDrafted":
        return _edited(lines, number, stop_reason="tired")
    return _edited(
        lines,
        number,
        **rng.choice(
            [
                {"num_tokens": values["num_tokens"] - 1},
                {"verify_s": 99.0},
                {"draft_s": -0.1},
                {"stop_reason": "bored"},
            ]
        ),
    )


def no_json(rng, lines, other):
    number = rng.randrange(len(lines))
    line = lines[number]
    broken = rng.choice(
        [
            "[" * 100_000,
            '{"a":' * 100_000,
            line[: rng.randrange(1, len(line))],
            line + line,
            "{}",
            "",
            "null",
            "[]",
            "9" * 5000,
            '"text"',
            line.replace(":", ": " + "7" * 5000 + ",", 1),
            line.replace("{", "{\x00", 1),
            line[:-1] + ', "clock_s": 0.0}',
            line[:-1] + ', "versions": {"a": "\\ud800"}}',
        ]
    )
    return [*lines[:number], broken, *lines[number + 1 :]]


def half_a_character(rng, lines, other):
    number, name = _with(rng, lines, "texts") if rng.random() < 0.7 else (0, "prompt")
    value = json.loads(lines[number])[name]
    if isinstance(value, list):
        value[rng.randrange(len(value))] = "a\ud83d"
        return _edited(lines, number, **{name: value})
    return _edited(lines, number, **{name: "\udc00" + value})


def other_type(rng, lines, other):
    number = rng.randrange(len(lines))
    values = json.loads(lines[number])
    name = rng.choice(sorted(values))
    wrong = [None, True, "text", 1.5, [], {}, [[[]]], {"a": 1}, 10**19, "x" * 5000, [7] * 5000]
    wrong = [w for w in wrong if type(w) is not type(values[name])]
    return _edited(lines, number, **{name: rng.choice(wrong)})


KINDS: dict[str, Damage] = {
    damage.__name__: damage
    for damage in (
        swapped,
        left_out,
        doubled,
        moved,
        merged,
        negative_id,
        renamed,
        clock_broken,
        probability_broken,
        count_broken,
        tree_broken,
        list_shortened,
        verdict_changed,
        skip_set_changed,
        phase_changed,
        end_changed,
        no_json,
        half_a_character,
        other_type,
    )
}


def damaged(seed: int, lines: Lines, other: Lines) -> tuple[str, Lines]:
    """One damaged copy, and the kind of damage.

    Args:
        other: Lines of another run, for what is merged.
    """
    rng = random.Random(seed)
    while True:
        kind = rng.choice(sorted(KINDS))
        found = KINDS[kind](rng, lines, other)
        if found is not None and found != lines:
            return kind, found
