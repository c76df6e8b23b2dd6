"""Recall at k, counted by hand."""

import numpy as np
import pytest

from harness import InvalidDataset
from training.embeddings.pairs import Asked
from training.embeddings.recall import cut, recall_table

IDS = ("a", "b", "c", "d", "e", "f")
# In order of nearness to the only query: a, b, c, d, e, f.
GOLD = np.array([[1.0, y] for y in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)], dtype=np.float32)
QUERY = np.array([[1.0, 0.0]], dtype=np.float32)


@pytest.mark.parametrize(
    ("relevant", "own", "expected"),
    [
        ({"a"}, set(), [1.0, 1.0, 1.0]),
        ({"c"}, set(), [0.0, 1.0, 1.0]),
        ({"a", "e"}, set(), [1.0, 0.5, 1.0]),
        ({"f"}, set(), [0.0, 0.0, 0.0]),
        ({"f"}, {"a"}, [0.0, 0.0, 1.0]),
        (set("abcdef"), set(), [1.0, 1.0, 1.0]),
    ],
)
def test_recall_is_of_at_most_k_and_the_query_itself_does_not_count(
    relevant: set[str], own: set[str], expected: list[float]
) -> None:
    asked = [Asked(query="q", relevant=frozenset(relevant), own=frozenset(own))]
    table = recall_table(asked, QUERY, GOLD, IDS, (2,))
    assert [each.value for each in table] == expected
    assert [(each.dims, each.k) for each in table] == [(2, 1), (2, 3), (2, 5)]


def test_of_several_queries_it_is_the_mean() -> None:
    asked = [Asked(query="q", relevant=frozenset({name})) for name in "af"]
    table = recall_table(asked, np.repeat(QUERY, 2, axis=0), GOLD, IDS, (2,))
    assert [each.value for each in table] == [0.5, 0.5, 0.5]


def test_vectors_are_cut_and_made_unit_again_before_they_are_compared() -> None:
    short = cut(np.array([[3.0, 4.0, 12.0], [0.0, 0.0, 1.0]], dtype=np.float32), 2)
    assert np.allclose(short, [[0.6, 0.8], [0.0, 0.0]])


def test_recall_of_no_queries_is_no_number() -> None:
    with pytest.raises(InvalidDataset, match="no query is held out"):
        recall_table([], np.empty((0, 2), dtype=np.float32), GOLD, IDS, (2,))
