"""Hard negatives: near to the embedder, not wanted by anyone."""

import numpy as np
import pytest

from harness import InvalidDataset
from training.embeddings.negatives import hard_negatives, lessons
from training.embeddings.pairs import Asked, PairSet

IDS = ("a", "b", "c", "d", "e")
NEARNESS = np.array([0.9, 0.8, 0.7, 0.6, 0.5], dtype=np.float32)


def test_the_nearest_that_are_neither_wanted_nor_the_query_itself_come_first() -> None:
    asked = Asked(query="q", relevant=frozenset({"b"}), own=frozenset({"a"}))
    assert hard_negatives(asked, NEARNESS, IDS, 2) == ("c", "d")


def test_too_small_a_pool_is_refused_with_the_number_it_has() -> None:
    asked = Asked(query="q", relevant=frozenset({"b", "c", "d"}))
    with pytest.raises(InvalidDataset, match="3 negatives were asked for and the gold pool has 2"):
        hard_negatives(asked, NEARNESS, IDS, 3)


@pytest.fixture
def pairs() -> PairSet:
    return PairSet(
        source="test",
        training=(
            Asked(query="q1", relevant=frozenset({"a", "b"})),
            Asked(query="q2", relevant=frozenset({"c"}), own=frozenset({"d"})),
        ),
        held_out=(),
        gold={name: f"text {name}" for name in IDS},
    )


def test_every_epoch_has_a_lesson_of_each_query_with_another_wanted_example(pairs: PairSet) -> None:
    texts = [*pairs.gold.values(), "q1", "q2"]
    vectors = dict(zip(texts, np.eye(7, dtype=np.float32), strict=True))
    rows = lessons(pairs, vectors, epochs=2, negatives=2, seed=5)
    assert [row.query for row in rows] == ["q1", "q1", "q2", "q2"]
    assert {row.wanted for row in rows[:2]} == {"text a", "text b"}
    assert {row.wanted for row in rows[2:]} == {"text c"}
    for row in rows:
        assert row.wanted not in row.unwanted
        assert len(row.unwanted) == 2
    assert "text d" not in rows[2].unwanted
    assert rows == lessons(pairs, vectors, epochs=2, negatives=2, seed=5)
