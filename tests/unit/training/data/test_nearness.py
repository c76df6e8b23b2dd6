"""Which documents are near."""

import numpy as np

from training.data.nearness import by_vectors, by_words

DOCUMENTS = ["the lamp is broken", "a lock for the door", "lamp and lamp again, a broken one", "weather"]


def test_documents_that_share_words_come_first() -> None:
    lamps, doors, nothing = by_words(["broken lamp", "door lock", "?"], DOCUMENTS, 2)
    assert set(lamps) == {0, 2}
    assert doors[0] == 1
    assert nothing == [0, 1]


def test_vectors_are_ranked_by_their_dot_product_and_ties_by_place() -> None:
    documents = np.array([[0, 1], [1, 0], [1, 0], [0.9, 0.1]], dtype=np.float32)
    assert by_vectors(np.array([[1, 0]], dtype=np.float32), documents, 3) == [[1, 2, 3]]
