"""The wording of examples: language, length, repetition."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from training.data.audit.finding import Finding, Severity, concerning, percent
from training.data.dedup import DedupSettings, deduplicate
from training.data.likeness import Reading, Way, label_of
from training.example import Example

_FEWEST_LETTERS = 40
_SURE = 0.5
_STRAY_SHARE = 0.02
_TOP = 10
_TOP_SHARE = 0.1
_PERCENTILES = (5, 50, 95)


def language(examples: Sequence[Example]) -> Iterator[Finding]:
    """Yield the language of the data, and the examples in another; short and unsure ones aside."""
    told = {example.id: code for example in examples if (code := language_of(_prose(example)))}
    if not told:
        return
    main, count = Counter(told.values()).most_common(1)[0]
    others = [example for example in examples if told.get(example.id, main) != main]
    named = ", ".join(sorted({told[example.id] for example in others}))
    share = percent(count / len(told))
    said = f"{main} in {share} of {len(told)} examples long enough to tell{named and ', else '}{named}"
    is_mixed = len(others) > _STRAY_SHARE * len(told)
    severity = Severity.WARNING if is_mixed else Severity.NOTE
    yield concerning("language", severity, said, whole=examples, of=others)


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of a text's language, None where it is too short or unlike any."""
    if sum(character.isalpha() for character in text) < _FEWEST_LETTERS:
        return None
    code, surety = _identifier().classify(text)
    return str(code) if surety >= _SURE else None


def length(examples: Sequence[Example]) -> Mapping[str, Any]:
    """Return the percentiles and the maximum of words in prompts and replies."""
    prompts = [sum(len(turn.content.split()) for turn in example.prompt) for example in examples]
    replies = [len(example.completion.split()) for example in examples]
    return {"prompt_words": spread(prompts), "reply_words": spread(replies)}


def spread(lengths: Sequence[int]) -> Mapping[str, int]:
    """Return the 5th, 50th and 95th percentile (nearest rank) and the maximum."""
    ordered = sorted(lengths)
    ranks = {f"p{each}": ordered[max(0, -(-each * len(ordered) // 100) - 1)] for each in _PERCENTILES}
    return {**ranks, "max": ordered[-1]}


def duplicates(examples: Sequence[Example]) -> Iterator[Finding]:
    """Yield exact repetitions, and those that are nearly so in words."""
    found = deduplicate(tuple(examples), DedupSettings(ways=(Way.EXACT, Way.WORDING)))
    for way, words in ((Way.EXACT, "repeat an earlier one"), (Way.WORDING, "nearly repeat an earlier one")):
        repeated = [examples[each.second] for each in found.removed if each.way is way]
        if repeated:
            said = f"examples {words}: run weighbridge data dedup"
            yield concerning("duplicates", Severity.WARNING, said, whole=examples, of=repeated)


def top_prompts(examples: Sequence[Example]) -> Iterator[Finding]:
    """Yield the share of examples whose question is one of the ten that are asked most, more than once."""
    prompts = [Reading(example=example).exact[:-1] for example in examples]
    top = {prompt for prompt, count in Counter(prompts).most_common(_TOP) if count > 1}
    found = [example for example, prompt in zip(examples, prompts, strict=True) if prompt in top]
    share = len(found) / len(examples)
    said = (
        f"the ten questions asked most often make up {percent(share)}"
        if top
        else "no question is asked twice"
    )
    if share > _TOP_SHARE:
        said += ": ask more differently, or drop some"
        yield concerning("top prompts", Severity.WARNING, said, whole=examples, of=found)
    else:
        yield concerning("top prompts", Severity.NOTE, said, whole=examples, of=found)


def _prose(example: Example) -> str:
    """The last question, and the reply where it is no label: labels have no language."""
    is_prose = label_of(example.completion) is None
    return f"{example.question}\n{example.completion}" if is_prose else example.question


@cache
def _identifier() -> Any:  # noqa: ANN401 - an untyped library
    """The model of 97 languages, which takes a second to load."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
