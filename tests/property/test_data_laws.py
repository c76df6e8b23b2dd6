"""Laws of the data room, whatever the examples are."""

import random
import string
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from harness import InvalidDataset, Message, Role
from tests.fakes.word_vectors import word_vectors
from training.data.decontaminate import decontaminate
from training.data.dedup import DedupSettings, deduplicate
from training.data.evaluated import Evaluated
from training.data.mix import GENERAL, MixSettings, mix
from training.example import Example
from training.example_rows import as_line, examples_of, read_examples, write_examples
from training.shingles import all_shingles, shingles

# A busy machine is slow, which is no law of the examples.
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
spoken = anything.filter(str.strip)
# Few words, so that examples meet each other and the items often.
words = st.sampled_from(["add", "2/9", "and", "1/8", "not", "a", "cat", "sat", "on", "the", "mat", "now"])
phrases = st.lists(words, min_size=1, max_size=18).map(" ".join)


def _example(name: str, question: str, reply: str, system: str = "") -> Example:
    turns = [(Role.SYSTEM, system)] * bool(system) + [(Role.USER, question), (Role.ASSISTANT, reply)]
    return Example(id=name, messages=tuple(Message(role=role, content=text) for role, text in turns))


def _refusal(read: Callable[[], tuple[Example, ...]]) -> str:
    """What is said against what is read; the names of both for what is read."""
    try:
        return "a.jsonl a table" if read() else ""
    except InvalidDataset as refusal:
        return str(refusal)


@st.composite
def talks(draw: st.DrawFn) -> Example:
    turns = draw(st.lists(st.tuples(anything, spoken), min_size=1, max_size=3))
    told = [Message(role=Role.SYSTEM, content=draw(anything))] if draw(st.booleans()) else []
    said = [
        Message(role=role, content=text)
        for pair in turns
        for role, text in zip((Role.USER, Role.ASSISTANT), pair, strict=True)
    ]
    return Example(
        id=draw(st.text(string.printable, min_size=1, max_size=8)),
        messages=(*told, *said),
        source=draw(anything),
        made_on=draw(st.just("") | st.dates().map(str)),
        tags=tuple(draw(st.lists(anything, max_size=2))),
    )


@st.composite
def examples_of_few_words(draw: st.DrawFn) -> tuple[Example, ...]:
    replies = phrases | st.sampled_from(['{"a":1}', '{"a":2}', "yes", "no"])
    pairs = draw(st.lists(st.tuples(phrases, replies), min_size=1, max_size=14))
    return tuple(_example(f"e{place}", *pair) for place, pair in enumerate(pairs))


@given(st.lists(talks(), min_size=1, max_size=5, unique_by=lambda example: example.id))
def test_what_is_written_reads_back_and_the_same_examples_give_the_same_bytes(
    examples: list[Example],
) -> None:
    with TemporaryDirectory() as folder:
        first, second = Path(folder) / "a.jsonl", Path(folder) / "b.jsonl"
        write_examples(first, examples)
        write_examples(second, read_examples(first))
        assert read_examples(first) == tuple(examples)
        assert first.read_bytes() == second.read_bytes()


@given(st.binary(max_size=60) | talks().map(lambda example: as_line(example).encode()[:-3]))
def test_any_bytes_are_read_or_refused_in_one_sentence(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_bytes(content)
        assert "a.jsonl" in _refusal(lambda: read_examples(path))


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["id", "messages", "prompt", "completion"]), anything | st.none())
    )
)
def test_any_table_is_read_or_refused(rows: list[dict[str, str | None]]) -> None:
    assert "a table" in _refusal(lambda: examples_of(rows, where="a table"))


@given(examples_of_few_words(), st.sampled_from([0.3, 0.6, 0.9, 1.0]), st.sampled_from([0.5, 0.9, 1.0]))
def test_a_second_time_removes_nothing_and_nothing_is_lost(
    examples: tuple[Example, ...], wording: float, meaning: float
) -> None:
    wanted = DedupSettings(wording=wording, meaning=meaning)
    once = deduplicate(examples, wanted, embed=word_vectors)
    assert len(once.kept) + len(once.removed) == len(examples)
    assert {group["kept"] for group in once.groups} <= {example.id for example in once.kept}
    again = deduplicate(once.kept, wanted, embed=word_vectors)
    assert again.kept == once.kept


@given(examples_of_few_words(), st.lists(phrases, min_size=1, max_size=6))
def test_what_is_left_shares_no_run_of_words_with_any_item(
    examples: tuple[Example, ...], questions: list[str]
) -> None:
    items = [Evaluated(subject="t", id=str(place), text=text) for place, text in enumerate(questions)]
    result = decontaminate(examples, items, embed=word_vectors)
    assert len(result.kept) + len(result.removed) == len(examples)
    asked = all_shingles(item.text for item in items)
    for example in result.kept:
        assert not asked & all_shingles(turn.content for turn in example.prompt if turn.role is Role.USER)
    again = decontaminate(result.kept, items, embed=word_vectors)
    assert again.kept == result.kept


@given(
    st.integers(min_value=1, max_value=60),
    st.floats(min_value=0.0, max_value=0.45),
    st.floats(min_value=0.0, max_value=0.45),
    st.integers(min_value=0, max_value=9),
)
def test_the_shares_of_a_mixture_hold_to_within_an_example(
    count: int, general_share: float, refusal_share: float, seed: int
) -> None:
    focused = [_example(f"f{n}", f"focused {n}", "fine") for n in range(count)]
    general = [_example(f"g{n}", f"general {n}", "fine") for n in range(10 * count)]
    refusals = [_example(f"r{n}", f"unknown {n}", "I don't know.") for n in range(10 * count)]
    wanted = MixSettings(general_share=general_share, refusal_share=refusal_share, seed=seed)
    mixed = mix(focused, general, refusals, wanted)
    whole = len(mixed.examples)
    assert abs(mixed.general - general_share * whole) <= 1.0
    assert abs(mixed.refusals - refusal_share * whole) <= 1.0
    assert whole == mixed.focused + mixed.general + mixed.refusals
    assert {example.id for example in focused} <= {example.id for example in mixed.examples}
    assert sum(GENERAL in example.tags for example in mixed.examples) == mixed.general
    assert [as_line(one) for one in mixed.examples] == [
        as_line(one) for one in mix(focused, general, refusals, wanted).examples
    ]


@given(st.lists(words, min_size=13, max_size=30), st.integers(min_value=0, max_value=17), st.randoms())
def test_any_thirteen_words_in_a_row_are_found_again(
    said: list[str], start: int, chance: random.Random
) -> None:
    part = said[start : start + 13]
    marks = [chance.choice([" ", ", ", "! ", "\n"]) for _ in part]
    shown = "".join(f"{word.upper()}{mark}" for word, mark in zip(part, marks, strict=True))
    assert len(part) < 13 or shingles(shown) <= shingles(" ".join(said))
