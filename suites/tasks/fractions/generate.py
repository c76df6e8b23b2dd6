"""Write items.jsonl and gold.jsonl: `python -m suites.tasks.fractions.generate`.

No pair of fractions is in both files, so no gold example shows an item's answer.  The same
seed gives the same bytes.  Training examples are drawn from a third set of pairs.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from math import gcd, lcm
from pathlib import Path
from random import Random

from harness import Json

from .arithmetic import MISCONCEPTIONS, Expression, Written, produced
from .stems import CLOSERS, CUSTOMARY, METRIC, NAMES, STEMS

_SEED = 5
_DISTRACTORS = 2
# Small enough to be worked out on paper in Grade 5.
_DENOMINATORS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12)
_LARGEST_COMMON_DENOMINATOR = 72
_ITEM_PAIRS = 210
_GOLD_PER_OPERATION = 2


def files(seed: int = _SEED) -> Mapping[str, str]:
    """Return the text of items.jsonl and gold.jsonl by file name."""
    draw = Random(seed)  # noqa: S311 - reproducible draws, no secrets
    pairs = _pairs()
    draw.shuffle(pairs)
    asked = (inputs for pair in pairs[:_ITEM_PAIRS] for inputs in _questions(pair, draw, 1))
    solved = (
        inputs for pair in pairs[_ITEM_PAIRS:] for inputs in _questions(pair, draw, _GOLD_PER_OPERATION)
    )
    return {
        "items.jsonl": _lines(_item(number, inputs) for number, inputs in enumerate(asked, 1)),
        "gold.jsonl": _lines(_gold(number, inputs, draw) for number, inputs in enumerate(solved, 1)),
    }


def draw(count: int, seed: int) -> Iterator[Mapping[str, Json]]:
    """Yield up to `count` solved questions to train on; a longer draw begins with the shorter one.

    At least one fraction of each is not in lowest terms, as none is in items.jsonl and
    gold.jsonl, and no pair has the values of an item's.
    """
    chance = Random(f"draw:{seed}")  # noqa: S311 - reproducible draws, no secrets
    pairs = _pairs_to_train_on()
    chance.shuffle(pairs)
    seen: set[str] = set()
    # One question an operation and pair in a round, until no context is left to ask in.
    rounds = (inputs for _ in STEMS for pair in pairs for inputs in _questions(pair, chance, 1))
    for inputs in rounds:
        if len(seen) == count:
            return
        key = " ".join((inputs["operation"], inputs["first"], inputs["second"], inputs["context"]))
        if key not in seen:
            seen.add(key)
            solved = _gold(len(seen), inputs, chance)
            yield {"inputs": solved["inputs"], "output": solved["output"], "source": _family(inputs)}


def main() -> None:
    """Write both files beside this module."""
    for name, text in files().items():
        Path(__file__).with_name(name).write_text(text, encoding="utf-8")


def _pairs() -> list[tuple[Written, Written]]:
    """Pairs of proper fractions in lowest terms with unlike denominators, larger one first."""
    return _unlike([fraction for fraction in _fractions() if _is_lowest(fraction)])


def _pairs_to_train_on() -> list[tuple[Written, Written]]:
    """Pairs with a fraction not in lowest terms, different in value from each other and the items'."""
    items = _pairs()
    Random(_SEED).shuffle(items)  # noqa: S311 - the draw of `files`
    asked = {_values(pair) for pair in items[:_ITEM_PAIRS]}
    return [
        pair
        for pair in _unlike(_fractions())
        if not all(map(_is_lowest, pair)) and len(_values(pair)) == len(pair) and _values(pair) not in asked
    ]


def _fractions() -> list[Written]:
    return [
        Written(numerator=numerator, denominator=denominator)
        for denominator in _DENOMINATORS
        for numerator in range(1, denominator)
    ]


def _is_lowest(fraction: Written) -> bool:
    return gcd(fraction.numerator, fraction.denominator) == 1


def _values(pair: tuple[Written, Written]) -> frozenset[float]:
    return frozenset(fraction.numerator / fraction.denominator for fraction in pair)


def _unlike(fractions: list[Written]) -> list[tuple[Written, Written]]:
    fractions.sort(key=lambda fraction: fraction.numerator / fraction.denominator, reverse=True)
    return [
        (larger, smaller)
        for larger, smaller in combinations(fractions, 2)
        if larger.denominator != smaller.denominator
        and lcm(larger.denominator, smaller.denominator) <= _LARGEST_COMMON_DENOMINATOR
    ]


def _questions(pair: tuple[Written, Written], draw: Random, variants: int) -> Iterator[dict[str, str]]:
    """Up to `variants` questions an operation, each in a context of its own."""
    larger, smaller = pair
    left, right = draw.sample(pair, 2)
    for given in (
        Expression(left=left, sign=1, right=right),
        Expression(left=larger, sign=-1, right=smaller),
    ):
        # A difference that equals what is taken away could not be told from a leaked answer, and
        # the answer is to be a fraction, which only fractions not in lowest terms may miss.
        value = given.result.value
        if value in (left.value, right.value) or value is None or value.denominator == 1:
            continue
        for context in draw.sample(sorted(STEMS), variants):
            yield from _question_inputs(given, context, draw)


def _question_inputs(given: Expression, context: str, draw: Random) -> Iterator[dict[str, str]]:
    """One question, or none where fewer than two misconceptions lead to plausible wrong answers."""
    slips = _slips(given, draw)
    if len(slips) < _DISTRACTORS:
        return
    yield {
        "operation": "add" if given.sign == 1 else "subtract",
        "first": str(given.left),
        "second": str(given.right),
        "context": context,
        "locale": draw.choice(sorted(NAMES)),
        "misconception_1": slips[0],
        "misconception_2": slips[1],
    }


def _slips(given: Expression, draw: Random) -> list[str]:
    """Up to two misconceptions whose results are positive, wrong and different."""
    names = list(MISCONCEPTIONS)
    draw.shuffle(names)
    seen = {given.result.value}
    chosen: list[str] = []
    for name in names:
        slip = produced(name, given)
        value = None if slip is None else slip.value
        if value is not None and value > 0 and value not in seen:
            seen.add(value)
            chosen.append(name)
    return chosen[:_DISTRACTORS]


def _item(number: int, inputs: Mapping[str, str]) -> dict[str, Json]:
    given = _expression(inputs)
    return {
        "id": f"frac-{number:04}",
        "cluster": _family(inputs),
        "tags": [inputs["operation"], inputs["context"], inputs["locale"]],
        "inputs": dict(inputs),
        "reference": {"answer": str(given.result.value)},
        "oracle": _facts(given, (inputs["misconception_1"], inputs["misconception_2"])),
    }


def _facts(given: Expression, misconceptions: Iterable[str]) -> str:
    """All that is to be known for an item, so that what is still lacking in a reply is how to write one."""
    left, right = (
        f"{each} = {each.numerator * (given.common // each.denominator)}/{given.common}"
        for each in (given.left, given.right)
    )
    slips = "; ".join(f"the misconception {name} leads to {produced(name, given)}" for name in misconceptions)
    return (
        f"The least common denominator is {given.common}: {left} and {right}, so {given} = "
        f"{given.result.value}. Of pupils' mistakes here, {slips}."
    )


def _family(inputs: Mapping[str, str]) -> str:
    given = _expression(inputs)
    smaller, larger = sorted((given.left.denominator, given.right.denominator))
    return f"denominators-{smaller}-{larger}"


def _gold(number: int, inputs: Mapping[str, str], draw: Random) -> dict[str, Json]:
    given = _expression(inputs)
    reply = {
        "question": _question(inputs, draw),
        "expression": str(given),
        "common_denominator": given.common,
        "answer": str(given.result.value),
        "distractors": [
            {"value": str(produced(name, given)), "misconception": name}
            for name in (inputs["misconception_1"], inputs["misconception_2"])
        ],
        "locale": inputs["locale"],
    }
    return {
        "id": f"frac-gold-{number:04}",
        "inputs": dict(inputs),
        "output": json.dumps(reply, separators=(",", ":")),
    }


def _question(inputs: Mapping[str, str], draw: Random) -> str:
    stem, kind = draw.choice(STEMS[inputs["context"]][inputs["operation"]])
    unit, units = (CUSTOMARY if inputs["locale"] == "en-US" else METRIC)[inputs["context"]]
    return f"{stem} {draw.choice(CLOSERS[kind])}".format(
        n=draw.choice(NAMES[inputs["locale"]]), x=inputs["first"], y=inputs["second"], u=unit, us=units
    )


def _expression(inputs: Mapping[str, str]) -> Expression:
    left, right = (_written(inputs[name]) for name in ("first", "second"))
    return Expression(left=left, sign=1 if inputs["operation"] == "add" else -1, right=right)


def _written(text: str) -> Written:
    numerator, denominator = text.split("/")
    return Written(numerator=int(numerator), denominator=int(denominator))


def _lines(rows: Iterable[Mapping[str, Json]]) -> str:
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)


if __name__ == "__main__":
    main()
