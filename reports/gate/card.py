"""Everything a reader may ask of one item, as plain values and harmless text."""

from collections.abc import Mapping
from dataclasses import dataclass
from json import dumps
from typing import TypeAlias

from harness import (
    ChoiceResponse,
    GenerationFailure,
    GoldExample,
    Item,
    ItemResult,
    Json,
    Response,
    Score,
    Task,
)
from reports.gate.pairs import ItemPair, PairedRuns
from reports.gate.words import Stretch, unmarked, word_diff
from reports.plain_text import harmless

Card: TypeAlias = dict[str, "Json"]
"""What is shown of an item, ready to be written as JSON."""

_LONGEST_FIELD = 2_000


@dataclass(frozen=True, slots=True)
class Words:
    """What the items and solved examples of a task say, by id; empty where the task is not at hand."""

    ask: Mapping[str, Item]
    gold: Mapping[str, GoldExample]
    task: Task | None


def words_of(task: Task | None) -> Words:
    """Return the words of a task, none for None."""
    if task is None:
        return Words({}, {}, None)
    return Words({item.id: item for item in task.items}, {each.id: each for each in task.gold}, task)


def card(runs: PairedRuns, pair: ItemPair, words: Words, *, longest: int, marks: bool = True) -> Card:
    """Return what is shown of an item, replies cut at `longest` characters, unlike words marked if wished."""
    texts = [harmless(_text(side), longest=longest) for side in (pair.reference, pair.candidate)]
    marked = word_diff(*texts) if marks else unmarked(*texts)
    return {
        "item": harmless(pair.item_id, longest=200),
        "of": harmless(runs.name, longest=200),
        "source": harmless(pair.candidate.cluster, longest=200),
        "question": _question(pair.item_id, words),
        "reference": _reference(pair.item_id, words),
        "sides": [
            _side(str(runs.reference.side), pair.reference, marked.before, words),
            _side(str(runs.candidate.side), pair.candidate, marked.after, words),
        ],
    }


def _side(name: str, result: ItemResult, stretches: tuple[Stretch, ...], words: Words) -> Card:
    return {
        "side": name,
        "ended": _ended(result),
        "text": [[stretch.text, stretch.differs] for stretch in stretches],
        "scores": [_scored(metric, score) for metric, score in result.scores.items()],
        "examples": [_example(name, words) for name in result.example_ids],
    }


def _scored(metric: str, score: Score) -> Json:
    return {
        "metric": harmless(metric, longest=100),
        "value": round(score.value, 4),
        "note": harmless(score.note, longest=_LONGEST_FIELD),
        "parts": [[harmless(name, longest=100), round(value, 4)] for name, value in score.parts.items()],
    }


def _example(example_id: str, words: Words) -> Json:
    shown = harmless(example_id, longest=200)
    found = words.gold.get(example_id)
    if found is None or words.task is None:
        return {"id": shown, "asked": "", "output": ""}
    return {
        "id": shown,
        "asked": harmless(words.task.ask(found.inputs), longest=_LONGEST_FIELD),
        "output": harmless(found.output, longest=_LONGEST_FIELD),
    }


def _question(item_id: str, words: Words) -> str:
    item = words.ask.get(item_id)
    if item is None or words.task is None:
        return ""
    return harmless(words.task.ask(item.inputs), longest=_LONGEST_FIELD)


def _reference(item_id: str, words: Words) -> str:
    item = words.ask.get(item_id)
    if item is None or item.reference is None:
        return ""
    return harmless(dumps(item.reference, ensure_ascii=False), longest=_LONGEST_FIELD)


def _text(result: ItemResult) -> str:
    match result.outcome:
        case Response(text=text):
            return text
        case ChoiceResponse(logprobs=logprobs):
            return "\n".join(f"choice {n}: log-likelihood {value:.3f}" for n, value in enumerate(logprobs))
        case GenerationFailure(message=message):
            return message


def _ended(result: ItemResult) -> str:
    match result.outcome:
        case Response(finish_reason=reason, prompt_tokens=asked, completion_tokens=said):
            return f"{reason}; {asked} tokens asked, {said} answered"
        case ChoiceResponse():
            return "chosen by log-likelihood"
        case GenerationFailure(kind=kind):
            return f"failed: {kind}"
