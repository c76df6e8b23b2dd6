"""Questions with documents in front of them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import InvalidDataset, Message, Role, UsageError
from training.data.documents import Document
from training.data.nearness import by_words
from training.data.quotes import BEGIN, END, quotes
from training.data.raft import DISTRACTORS_ONLY, ORACLE, UNKNOWN, RaftSettings, raft
from training.example import Example

SAMPLE = Path(__file__).parents[5] / "shared" / "data" / "raft-sample" / "apizoo.json"
NAMES = ("lamp", "lock", "hub", "camera", "doorbell", "thermostat", "kettle", "fan", "heater", "radio")
DOCUMENTS = tuple(
    Document(id=name, text=f"Care of the {name}. The {name} needs {number} screws and oil{number}.")
    for number, name in enumerate(NAMES, start=11)
)


def example(name: str, reply: str | None = None, *, name_of: str | None = None, source: str = "") -> Example:
    number = NAMES.index(name) + 11 if name in NAMES else 0
    said = f"{number} screws and oil{number}" if reply is None else reply
    turns = (
        Message(role=Role.USER, content=f"What does the {name} need?"),
        Message(role=Role.ASSISTANT, content=said),
    )
    return Example(id=name_of or f"q-{name}", messages=turns, source=source or name)


EXAMPLES = tuple(example(name) for name in NAMES)


def in_order(questions: Sequence[str], documents: Sequence[str], k: int) -> list[list[int]]:
    return [list(range(len(documents)))[:k] for _ in questions]


def test_an_example_shows_its_document_among_near_ones_and_quotes_it() -> None:
    made = raft(EXAMPLES, DOCUMENTS, RaftSettings(oracle_share=1.0), by_words)
    first = made.examples[0]
    assert first.completion == f"{BEGIN}The lamp needs 11 screws and oil11.{END}\n11 screws and oil11"
    assert DOCUMENTS[0].text in first.question
    assert first.question.endswith("\n\nWhat does the lamp need?")
    assert first.tags == ("document:lamp", ORACLE)
    assert made.rejected == ()


def test_where_the_document_is_left_out_the_reply_is_that_the_documents_do_not_say() -> None:
    made = raft(EXAMPLES, DOCUMENTS, RaftSettings(oracle_share=0.0, unknown="No idea."), by_words)
    for each, document in zip(made.examples, DOCUMENTS, strict=True):
        assert each.completion == "No idea."
        assert document.text not in each.question
        assert each.tags[-1] == DISTRACTORS_ONLY


def test_a_document_that_holds_the_answer_too_is_no_distractor() -> None:
    twin = Document(id="twin", text="It is well known that a lamp needs 11 screws and oil11, says the maker.")
    made = raft(EXAMPLES[:1], (twin, *DOCUMENTS), RaftSettings(oracle_share=0.0), by_words)
    assert twin.text not in made.examples[0].question


def test_a_document_may_be_named_by_a_tag_when_the_source_names_something_else() -> None:
    tagged = replace(EXAMPLES[0], source="a teacher", tags=("document:lamp",))
    assert raft([tagged], DOCUMENTS, RaftSettings(), by_words).examples[0].tags[0] == "document:lamp"


@pytest.mark.parametrize(
    ("reply", "check"),
    [
        ("Seven bolts of gold", "support"),
        ('{"screws": 11}', "prose"),
        (f"{BEGIN}The lamp needs 12 screws{END} 12", "quote"),
        (f"{BEGIN}The lamp needs", "quote"),
        (f"{BEGIN}{END} 11 screws", "quote"),
    ],
)
def test_a_reply_that_does_not_rest_on_its_document_is_rejected_with_the_reason(
    reply: str, check: str
) -> None:
    made = raft([example("lamp", reply), *EXAMPLES[1:]], DOCUMENTS, RaftSettings(), by_words)
    assert [(each.id, each.check) for each in made.rejected] == [("q-lamp", check)]
    assert made.rejected[0].reason
    assert len(made.examples) == len(EXAMPLES) - 1


def test_a_reply_that_quotes_its_document_already_is_kept_as_it_is() -> None:
    reply = f"{BEGIN}The lamp needs 11 screws{END} Yes."
    made = raft([example("lamp", reply)], DOCUMENTS, RaftSettings(oracle_share=1.0), by_words)
    assert made.examples[0].completion == reply


def test_too_few_documents_and_an_unknown_document_are_refused() -> None:
    with pytest.raises(InvalidDataset, match="5 documents are too few for 4 distractors"):
        raft(EXAMPLES[:2], DOCUMENTS[:5], RaftSettings(), by_words)
    with pytest.raises(InvalidDataset, match="was made from 'nowhere', which is no document"):
        raft([example("lamp", source="nowhere")], DOCUMENTS, RaftSettings(), by_words)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"oracle_share": float("nan")}, "the oracle share is nan: set it from 0 to 1"),
        ({"least_support": 1.1}, "the support is 1.1"),
        ({"fewest": 0}, "distractors are 0 to 4"),
        ({"fewest": 5}, "distractors are 5 to 4"),
        ({"unknown": " "}, "the reply where no document answers is empty"),
    ],
)
def test_settings_that_make_no_example_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        RaftSettings(**settings)


@settings(max_examples=60)
@given(
    st.integers(1, 40),
    st.floats(0, 1),
    st.integers(1, 4),
    st.integers(0, 2),
    st.integers(0, 2**31),
)
def test_shares_hold_every_quote_stands_in_its_document_and_counting_tells_nothing(
    count: int, share: float, fewest: int, spread: int, seed: int
) -> None:
    settings = RaftSettings(oracle_share=share, fewest=fewest, most=fewest + spread, seed=seed)
    many = [example(NAMES[n % len(NAMES)], name_of=f"q{n}") for n in range(count)]
    made = raft(many, DOCUMENTS, settings, in_order)
    assert [each.id for each in made.examples] == [each.id for each in many]
    assert sum(ORACLE in each.tags for each in made.examples) == round(share * count)
    for each in made.examples:
        oracle = next(document for document in DOCUMENTS if f"document:{document.id}" in each.tags)
        shown = [document for document in DOCUMENTS if document.text in each.question]
        assert fewest + 1 <= len(shown) <= fewest + spread + 1
        assert (oracle in shown) == (ORACLE in each.tags)
        if oracle in shown:
            assert quotes(each.completion)
            assert all(quote in oracle.text for quote in quotes(each.completion))
        else:
            assert each.completion == UNKNOWN
    assert raft(many, DOCUMENTS, settings, in_order) == made


def test_the_share_that_is_drawn_does_not_hang_on_the_order_of_the_file() -> None:
    one = raft(EXAMPLES, DOCUMENTS, RaftSettings(), by_words).examples
    other = raft(EXAMPLES[::-1], DOCUMENTS, RaftSettings(), by_words).examples
    assert sorted(one, key=lambda each: each.id) == sorted(other, key=lambda each: each.id)


def test_the_apis_of_the_raft_repository_become_examples() -> None:
    if not SAMPLE.is_file():
        pytest.skip("../shared/data/raft-sample is not here")
    rows = [row for row in json.loads(SAMPLE.read_text()) if row.get("functionality")]
    documents = [Document(id=f"d{n}", text=json.dumps(row)) for n, row in enumerate(rows)]
    asked = [
        Example(
            id=f"q{n}",
            messages=(
                Message(role=Role.USER, content=f"What does {row['api_name']} do?"),
                Message(role=Role.ASSISTANT, content=row["functionality"]),
            ),
            source=f"d{n}",
        )
        for n, row in enumerate(rows)
    ]
    made = raft(asked, documents, RaftSettings(), by_words)
    assert len(made.examples) + len(made.rejected) == len(rows)
    shown = [each for each in made.examples if ORACLE in each.tags]
    assert len(shown) == round(0.7 * len(made.examples)) > 40
    texts = {f"document:{document.id}": document.text for document in documents}
    assert all(quote in texts[each.tags[0]] for each in shown for quote in quotes(each.completion))
