"""Puts documents in front of questions: reads, finds near documents, writes what came of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from harness.domain.task import Task
from harness.errors import InvalidDataset
from harness.experiments.request import Places
from harness.prompting.neutralise import neutralise
from training.data.documents import read_documents
from training.data.manifest import DataFile, DataManifest, manifest_path, write_manifest
from training.data.nearness import Nearest, by_vectors, by_words
from training.data.raft import ORACLE, RaftSettings, raft
from training.data.rejected import rejected_path, write_rejected
from training.example_rows import examples_digest, read_examples, write_examples


class Near(StrEnum):
    """What makes a document a near one."""

    MEANING = "meaning"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class RaftRequest:
    """Make RAFT examples of `data` with the documents of `corpus`; `task` words rows that hold inputs."""

    data: Path
    corpus: Path
    out: Path
    settings: RaftSettings
    near: Near = Near.MEANING
    task: Task | None = None


def raft_data(request: RaftRequest, places: Places, say: Callable[[str], None]) -> DataManifest:
    """Return the manifest of the step, everything written.

    Raises `InvalidDataset` for files that cannot be read, and when no example can be kept;
    what was rejected is then written all the same.
    """
    if request.out.absolute() in {request.data.absolute(), request.corpus.absolute()}:
        raise InvalidDataset(f"{request.out} is what is read: give --out another name")
    examples = read_examples(request.data, task=request.task)
    documents = tuple(replace(each, text=neutralise(each.text)) for each in read_documents(request.corpus))
    say(f"finding the nearest of {len(documents)} documents for {len(examples)} questions")
    made = raft(examples, documents, request.settings, _nearest(request.near, places))
    manifest_path(request.out).unlink(missing_ok=True)
    write_rejected(request.out, made.rejected)
    if not made.examples:
        raise InvalidDataset(
            f"none of {len(examples)} examples can be kept, the first because {made.rejected[0].reason}: see "
            f"{rejected_path(request.out)}, and give replies that their documents support"
        )
    write_examples(request.out, made.examples)
    shown = sum(ORACLE in each.tags for each in made.examples)
    manifest = DataManifest(
        step="raft",
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        inputs=(
            DataFile(
                path=str(request.data.absolute()), digest=examples_digest(examples), examples=len(examples)
            ),
        ),
        output=DataFile(
            path=str(request.out.absolute()),
            digest=examples_digest(made.examples),
            examples=len(made.examples),
        ),
        settings={
            **asdict(request.settings),
            "near": str(request.near),
            "corpus": str(request.corpus),
            "corpus_sha256": _sha256(request.corpus),
        },
        counts={
            "documents": len(documents),
            "with_oracle": shown,
            "distractors_only": len(made.examples) - shown,
            "rejected": len(made.rejected),
        },
    )
    write_manifest(request.out, manifest)
    return manifest


def _nearest(near: Near, places: Places) -> Nearest:
    if near is Near.WORDS:
        return by_words

    def by_meaning(questions: "list[str]", documents: "list[str]", k: int) -> list[list[int]]:
        from serving.embedder import MiniLmEmbedder

        embedder = MiniLmEmbedder(places.cache)
        return by_vectors(embedder.embed(questions), embedder.embed(documents), k)

    return by_meaning  # type: ignore[return-value]


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()
