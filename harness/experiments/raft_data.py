"""Puts documents in front of questions: reads, finds near documents, writes what came of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from harness.errors import InvalidDataset
from harness.experiments.data_files import Room, counted_embedder
from harness.prompting.neutralise import neutralise
from training.data.documents import read_documents
from training.data.manifest import DataManifest, manifest_path
from training.data.nearness import Nearest, by_vectors, by_words
from training.data.raft import ORACLE, RaftSettings, raft
from training.data.rejected import REJECTED, as_aside
from training.data.step import Step, aside_path, leave, require_apart, write_aside


class Near(StrEnum):
    """What makes a document a near one."""

    MEANING = "meaning"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class RaftRequest:
    """Make RAFT examples of `source` with the documents of `corpus`."""

    source: str
    corpus: Path
    out: Path
    settings: RaftSettings
    near: Near = Near.MEANING


def raft_data(request: RaftRequest, room: Room) -> DataManifest:
    """Return the manifest of the step, everything written.

    Raises `InvalidDataset` for files that cannot be read, and when no example can be kept;
    what was rejected is then written all the same.
    """
    data = room.read(request.source)
    require_apart(request.out, (data.file,))
    if request.out.absolute() == request.corpus.absolute():
        raise InvalidDataset(f"{request.out} is what is read: give --out another name")
    documents = tuple(replace(each, text=neutralise(each.text)) for each in read_documents(request.corpus))
    room.tally.say(f"finding the nearest of {len(documents)} documents for {len(data.examples)} questions")
    made = raft(data.examples, documents, request.settings, _nearest(request.near, room))
    aside = as_aside(made.rejected)
    if not made.examples:
        manifest_path(request.out).unlink(missing_ok=True)
        write_aside(request.out, aside)
        first = made.rejected[0].reason
        raise InvalidDataset(
            f"none of {len(data.examples)} examples can be kept, the first because {first}: "
            f"see {aside_path(request.out, REJECTED)}, and give replies that their documents support"
        )
    shown = sum(ORACLE in each.tags for each in made.examples)
    step = Step(
        name="raft",
        inputs=(data.file,),
        examples=made.examples,
        settings={
            **asdict(request.settings),
            "near": str(request.near),
            "corpus": str(request.corpus.absolute()),
            "corpus_sha256": hashlib.sha256(request.corpus.read_bytes()).hexdigest(),
        },
        counts={
            "read": len(data.examples),
            "kept": len(made.examples),
            "documents": len(documents),
            "with_oracle": shown,
            "distractors_only": len(made.examples) - shown,
            "rejected": len(made.rejected),
        },
        asides=(aside,),
    )
    return leave(request.out, step)


def _nearest(near: Near, room: Room) -> Nearest:
    if near is Near.WORDS:
        return by_words
    embed = counted_embedder(room.places, room.tally)

    def by_meaning(questions: Sequence[str], documents: Sequence[str], k: int) -> list[list[int]]:
        vectors = embed([*questions, *documents])
        return by_vectors(vectors[: len(questions)], vectors[len(questions) :], k)

    return by_meaning
