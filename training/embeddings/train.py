"""Lessons + base -> an embedder: a Matryoshka loss over ranking with hard negatives.

Matryoshka (Kusupati et al. 2022) asks that the first 64 numbers of a vector already rank
well, and the first 128, and so on, so that vectors may be cut.  Ranking is a softmax over
the wanted example, the hard negatives, and everything else in the batch (Henderson et al.
2017).
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import TrainingError, UsageError
from training.embeddings.negatives import Lesson, lessons
from training.embeddings.pairs import PairSet
from training.embeddings.recall import Recall, recall_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 32
_LEARNING_RATE = 5e-5
_WARMUP_SHARE = 0.1
_TELLINGS = 10

Say = Callable[[str], None]
"""Tells the user how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderSettings:
    """How an embedder is trained; `dims` are the lengths at which its vectors shall be of use."""

    epochs: int = 2
    dims: tuple[int, ...] = (64, 128, 256, 384)
    negatives: int = 4
    seed: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedEmbedder:
    """What training gave besides the files: recall on held-out queries, and the rows learnt from."""

    before: tuple[Recall, ...]
    after: tuple[Recall, ...]
    lessons: tuple[Lesson, ...]
    dims: tuple[int, ...]


def train_embedder(
    base: Path, pairs: PairSet, settings: EmbedderSettings, *, out: Path, say: Say
) -> TrainedEmbedder:
    """Return recall before and after, with the trained model saved in the folder `out`.

    The whole length of the vectors is always among the dimensions.  Raises `UsageError` for
    dimensions the base does not have, `TrainingError` when a vector comes out not finite.
    """
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(base), device=_device(), local_files_only=True)
    dims = _dims(settings.dims, int(model.get_embedding_dimension() or 0))
    say("embedding the pool as it is")
    vectors = _embedded(model, [*pairs.gold.values(), *_queries(pairs), *_held_out(pairs)])
    before = _recall(pairs, vectors, dims)
    rows = lessons(pairs, vectors, epochs=settings.epochs, negatives=settings.negatives, seed=settings.seed)
    _fit(model, rows, dims, settings.seed, say)
    say("embedding the pool again")
    vectors = _embedded(model, [*pairs.gold.values(), *_held_out(pairs)])
    after = _recall(pairs, vectors, dims)
    model.save_pretrained(str(out), create_model_card=False, safe_serialization=True)
    return TrainedEmbedder(before=before, after=after, lessons=rows, dims=dims)


def _dims(asked: Sequence[int], whole: int) -> tuple[int, ...]:
    wrong = [size for size in asked if not 1 <= size <= whole]
    if wrong or not asked:
        raise UsageError(
            f"{wrong[0] if wrong else 'no'} dimensions were asked for and the base has {whole}: ask for fewer"
        )
    return tuple(sorted({*asked, whole}))


def _fit(model: Any, rows: Sequence[Lesson], dims: Sequence[int], seed: int, say: Say) -> None:  # noqa: ANN401 - untyped library
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MatryoshkaLoss, MultipleNegativesRankingLoss
    from sentence_transformers.sentence_transformer.model_card import SentenceTransformerModelCardCallback
    from transformers import PrinterCallback

    loss = MatryoshkaLoss(
        model, MultipleNegativesRankingLoss(model), matryoshka_dims=sorted(dims, reverse=True)
    )
    with tempfile.TemporaryDirectory() as scratch:
        arguments = SentenceTransformerTrainingArguments(
            output_dir=scratch,
            num_train_epochs=1,  # the rows already hold every epoch
            per_device_train_batch_size=_BATCH,
            learning_rate=_LEARNING_RATE,
            warmup_steps=_WARMUP_SHARE,
            batch_sampler="no_duplicates",
            use_cpu=_device() == "cpu",
            seed=seed,
            report_to="none",
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
        )
        trainer = SentenceTransformerTrainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_dict(_columns(rows)),
            loss=loss,
            callbacks=[_telling(say)],
        )
        for talkative in (PrinterCallback, SentenceTransformerModelCardCallback):
            trainer.remove_callback(talkative)
        trainer.train()


def _columns(rows: Sequence[Lesson]) -> dict[str, list[str]]:
    """One column a role, in the order in which the loss reads them."""
    count = len(rows[0].unwanted)
    return {
        "query": [row.query for row in rows],
        "wanted": [row.wanted for row in rows],
        **{f"unwanted_{place}": [row.unwanted[place] for row in rows] for place in range(count)},
    }


def _telling(say: Say) -> Any:  # noqa: ANN401 - untyped library
    from transformers import TrainerCallback

    began_s = time.monotonic()

    class Telling(TrainerCallback):  # type: ignore[misc]
        """Says after each tenth how many steps there are and how long they will take."""

        def on_step_end(self, _arguments: object, state: Any, _control: object, **_: object) -> None:  # noqa: ANN401
            step, steps = state.global_step, state.max_steps
            if step * _TELLINGS // steps > (step - 1) * _TELLINGS // steps:
                left_s = (time.monotonic() - began_s) / step * (steps - step)
                say(f"training the embedder: step {step} of {steps}, {left_s:.0f} s left")

    return Telling()


def _embedded(model: Any, texts: Iterable[str]) -> dict[str, "NDArray[np.float32]"]:  # noqa: ANN401 - untyped library
    import numpy as np

    unique = list(dict.fromkeys(texts))
    vectors = model.encode(unique, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
    if not np.isfinite(vectors).all():
        raise TrainingError(
            "the embedder gave a vector that is not finite: train with fewer epochs or other pairs"
        )
    return dict(zip(unique, vectors, strict=True))


def _recall(
    pairs: PairSet, vectors: Mapping[str, "NDArray[np.float32]"], dims: Sequence[int]
) -> tuple[Recall, ...]:
    import numpy as np

    ids = tuple(pairs.gold)
    queries = np.stack([vectors[each.query] for each in pairs.held_out])
    gold = np.stack([vectors[pairs.gold[name]] for name in ids])
    return recall_table(pairs.held_out, queries, gold, ids, dims)


def _queries(pairs: PairSet) -> Iterable[str]:
    return (each.query for each in pairs.training)


def _held_out(pairs: PairSet) -> Iterable[str]:
    return (each.query for each in pairs.held_out)


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
