"""Write a Grade 5 question on fractions with unlike denominators, as one JSON object.

To make a task of your own, copy this folder, then change what you find here: SYSTEM and
`ask` (what the model is told), DECODING, WEIGHTS and `score` (what a reply is worth), and
the files beside it: schema.json, items.jsonl (what is asked) and gold.jsonl (solved
examples).  The items and gold examples of this task come from generate.py.
"""

from harness import Decoding, Inputs, Item, Score, weighted

from .rubric import grade

# What every prompt begins with.  Keep it short: it is paid for with every question.
SYSTEM = (
    "Write one Grade 5 word problem on adding or subtracting fractions with unlike denominators. "
    "Use the given fractions and context, and the units and spelling of the locale. "
    "Never give the answer away. Reply with one line of JSON and nothing else: "
    '{"question":"…?","expression":"a/b + c/d","common_denominator":n,"answer":"p/q",'
    '"distractors":[{"value":"p/q","misconception":"…"},{"value":"p/q","misconception":"…"}],'
    '"locale":"…"}. A distractor is the wrong answer its misconception leads to.'
)

# Greedy, and no more room than the longest good reply needs.
DECODING = Decoding(max_tokens=160)

# What each part of the rubric counts for; only the proportions matter.
WEIGHTS = {
    "schema": 2.0,
    "mathematics": 3.0,
    "requested": 2.0,
    "standard": 1.0,
    "distractor_1": 2.0,
    "distractor_2": 2.0,
    "wording": 1.5,
    "no_leak": 1.0,
}


# Two misconceptions and two denominators.
_DECISIVE = 4


def ask(inputs: Inputs) -> str:
    """Return the user's message for one item."""
    joint = "and" if inputs["operation"] == "add" else "minus"
    return (
        f"{inputs['operation']}: {inputs['first']} {joint} {inputs['second']}. "
        f"Context: {inputs['context']}. Locale: {inputs['locale']}. "
        f"Misconceptions: {inputs['misconception_1']}, {inputs['misconception_2']}."
    )


def near(inputs: Inputs, others: Inputs) -> float:
    """Return how much of what decides the mathematics two items share, in [0, 1].

    It decides which examples an embedder is trained to find: those with the same operation,
    misconceptions and denominators.
    """
    same_operation = inputs["operation"] == others["operation"]
    shared = len(_decisive(inputs) & _decisive(others))
    return (same_operation + shared) / (1 + _DECISIVE)


def score(item: Item, reply: str) -> Score:
    """Return the weighted rubric score of the raw reply, in [0, 1], with its parts."""
    return weighted(grade(item.inputs, reply), WEIGHTS)


def _decisive(inputs: Inputs) -> frozenset[str]:
    denominators = (str(inputs[name]).partition("/")[2] for name in ("first", "second"))
    return frozenset((str(inputs["misconception_1"]), str(inputs["misconception_2"]), *denominators))
