"""Hard negatives: what an embedder takes for near, and is not."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness import InvalidDataset
from training.embeddings.pairs import Asked, PairSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One row to train on: a query, the text of a gold example that is wanted, and texts that are not."""

    query: str
    wanted: str
    unwanted: tuple[str, ...]


def hard_negatives(
    asked: Asked, nearness: "NDArray[np.float32]", ids: Sequence[str], count: int
) -> tuple[str, ...]:
    """Return the `count` ids the embedder puts nearest among those that are not wanted, nearest first.

    `nearness` are cosines in the order of `ids`.  An example that is as wanted as the one
    trained towards is never a negative.  Raises `InvalidDataset` where there are not so many.
    """
    import numpy as np

    order = np.argsort(-nearness, kind="stable")
    names = (ids[index] for index in order)
    unwanted = [name for name in names if name not in asked.relevant and name not in asked.own]
    if len(unwanted) < count:
        raise InvalidDataset(
            f"{count} negatives were asked for and the gold pool has {len(unwanted)} for "
            f"{asked.query[:60]!r}: ask for fewer with --negatives, or add gold examples"
        )
    return tuple(unwanted[:count])


def lessons(
    pairs: PairSet, vectors: Mapping[str, "NDArray[np.float32]"], *, epochs: int, negatives: int, seed: int
) -> tuple[Lesson, ...]:
    """Return one lesson for every query and epoch: each epoch draws another of the wanted examples.

    `vectors` are unit vectors by text, of the embedder before it is trained.
    """
    import numpy as np

    ids = tuple(pairs.gold)
    pool = np.stack([vectors[pairs.gold[name]] for name in ids])
    made: list[Lesson] = []
    for asked in pairs.training:
        unwanted = hard_negatives(asked, pool @ vectors[asked.query], ids, negatives)
        draw = random.Random(f"{seed}/{asked.query}")  # noqa: S311 - reproducible draws, no secrets
        texts = tuple(pairs.gold[name] for name in unwanted)
        made += (
            Lesson(query=asked.query, wanted=pairs.gold[wanted], unwanted=texts)
            for wanted in _drawn(asked, epochs, draw)
        )
    return tuple(made)


def _drawn(asked: Asked, epochs: int, draw: random.Random) -> list[str]:
    """One wanted id an epoch, none twice before all have come."""
    names = draw.sample(sorted(asked.relevant), len(asked.relevant))
    return [names[epoch % len(names)] for epoch in range(epochs)]
