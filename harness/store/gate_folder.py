"""The folder of one gate: manifest first, a journal per run, verdict, completion marker last."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from harness.domain.conditions import Conditions
from harness.domain.decision import Decision
from harness.domain.judgement import Judgements
from harness.domain.manifest import GateManifest
from harness.domain.reading import Reads
from harness.domain.run import ItemResult
from harness.domain.verdict import GateVerdict
from harness.errors import JournalError, StoreError
from harness.store.atomic import make_folder, sync, write_atomically
from harness.store.codec import decode_document, encode_document, encode_evidence
from harness.store.conditions import append_conditions, read_conditions
from harness.store.journal import Journal, replay
from harness.store.judgements import read_judgements
from harness.store.lock import lock_at, take
from harness.store.reads import read_reads

_FILE_SAFE = re.compile(r"[A-Za-z0-9._-]{1,200}")
_Document = TypeVar("_Document", GateManifest, GateVerdict, Decision)


class GateFolder:
    """One gate on disk; reading is free, the first write takes the folder for this process.

    `close` (or leaving a `with` block) lets another process write.
    """

    def __init__(self, path: Path, manifest: GateManifest) -> None:
        """Bind a folder that exists to its manifest; use `create` or `open`."""
        self._path = path
        self._manifest = manifest
        self._lock = lock_at(path / ".lock")

    @classmethod
    def create(cls, results: Path, manifest: GateManifest) -> Self:
        """Return a new folder under `results` that holds `manifest`, taken for writing.

        Raises `StoreError` when the gate exists already or an id is not fit for a file name.
        """
        for run in manifest.runs:
            _require_file_safe(run.id)
        path = _gates(results) / _require_file_safe(manifest.gate_id)
        make_folder(path)
        folder = cls(path, manifest)
        folder._take()
        try:
            folder._begin()
        except StoreError:
            folder.close()
            raise
        return folder

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the gate kept in the folder `path`; raise `StoreError` when it holds none."""
        manifest = _read(path / "manifest.json", GateManifest)
        if manifest.gate_id != path.resolve().name:
            raise StoreError(
                f"{path} holds the manifest of gate {manifest.gate_id!r}: give the folder that name again"
            )
        return cls(path, manifest)

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self._path

    @property
    def manifest(self) -> GateManifest:
        """What the gate was asked to do."""
        return self._manifest

    @property
    def is_complete(self) -> bool:
        """Whether the gate was carried to its verdict."""
        return (self._path / "COMPLETE").exists()

    def journal(self, run_id: str) -> Journal:
        """Return the run's journal open for appending, healed; raises `StoreError`.

        Only the process that holds the folder gets one, and only while the gate is open.
        """
        path = self._journal_path(run_id)
        self._take_unfinished()
        return Journal(path)

    def results(self, run_id: str) -> tuple[ItemResult, ...]:
        """Return what the run has recorded so far, nothing when it has not begun.

        Raises `JournalError` when the journal is damaged or holds another run's results.
        """
        path = self._journal_path(run_id)
        if not path.exists():
            return ()
        results = tuple(replay(path))
        for result in results:
            if result.run_id != run_id:
                raise JournalError(
                    f"{path} holds item {result.item_id!r} of run {result.run_id!r}: put each journal back "
                    "under the name of its own run"
                )
        return results

    def add_conditions(self, pair: str, conditions: Conditions) -> None:
        """Record what some waiting times of a pair of runs were measured under; raises `StoreError`.

        To be called before the results themselves are recorded.
        """
        path = self._conditions_path(pair)
        self._take_unfinished()
        append_conditions(path, conditions)

    def conditions(self, pair: str) -> tuple[Conditions, ...]:
        """Return what `add_conditions` recorded for a pair of runs; raises `StoreError`."""
        return read_conditions(self._conditions_path(pair))

    def write_servers(self, evidence: Mapping[str, object]) -> None:
        """Leave what the servers said of themselves in servers.json; raises `StoreError`."""
        self._take_unfinished()
        write_atomically(self._path / "servers.json", encode_evidence(evidence))

    def servers(self) -> Mapping[str, object]:
        """Return what `write_servers` left, nothing when it left nothing; raises `StoreError` for damage."""
        path = self._path / "servers.json"
        if not path.exists():
            return {}
        try:
            said = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise StoreError(f"{path} could not be read ({error}): restore or remove it") from error
        return said if isinstance(said, dict) else {}

    def write_decision(self, decision: Decision) -> None:
        """Leave a decision on the ladder in decision.json, before the verdict; raises `StoreError`."""
        self._take_unfinished()
        write_atomically(self._path / "decision.json", encode_document(decision))

    def decision(self) -> Decision:
        """Return the decision that was left; raise `StoreError` when there is none, or it is not finished."""
        self._require_complete()
        return _read(self._path / "decision.json", Decision)

    def finish(self, verdict: GateVerdict) -> None:
        """Leave the verdict and then the completion marker, with all journals on the disk first."""
        self._take_unfinished()
        try:
            for journal in self._path.glob("journal-*.jsonl"):
                sync(journal)
        except OSError as error:
            raise StoreError(
                f"{self._path} could not be synced ({error.strerror}): run the same command again, it resumes"
            ) from error
        write_atomically(self._path / "verdict.json", encode_document(verdict))
        write_atomically(self._path / "COMPLETE", b"")

    def verdict(self) -> GateVerdict:
        """Return the gate's answer; raise `StoreError` when it has none yet."""
        self._require_complete()
        return _read(self._path / "verdict.json", GateVerdict)

    def reads(self) -> tuple[Reads, ...]:
        """Return what people have read of the gate, in the order of their names; raises `StoreError`."""
        return read_reads(self._path, self._manifest.gate_id)

    def judgements(self) -> Judgements | None:
        """Return what a judge has said of the gate, None where none has; raises `StoreError`."""
        return read_judgements(self._path, self._manifest.gate_id)

    def amend(self, verdict: GateVerdict) -> None:
        """Leave another verdict on the same results: what people read of them has come since.

        Raises `StoreError` for a gate that is not finished, or is being written.
        """
        self._require_complete()
        self._take()
        write_atomically(self._path / "verdict.json", encode_document(verdict))

    def close(self) -> None:
        """Let other processes write; closing twice is harmless."""
        self._lock.release(force=True)

    def __enter__(self) -> Self:
        """Return the folder itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the folder."""
        self.close()

    def _journal_path(self, run_id: str) -> Path:
        if run_id not in {run.id for run in self._manifest.runs}:
            raise StoreError(f"{self._path} has no run {run_id!r}: use a run of its manifest")
        return self._path / f"journal-{_require_file_safe(run_id)}.jsonl"

    def _conditions_path(self, pair: str) -> Path:
        if pair not in {run.pair for run in self._manifest.runs}:
            raise StoreError(f"{self._path} has no pair of runs {pair!r}: use one of its manifest")
        return self._path / f"conditions-{_require_file_safe(pair)}.jsonl"

    def _require_complete(self) -> None:
        if not self.is_complete:
            raise StoreError(f"{self._path} has no verdict yet: run the same gate again to finish it")

    def _begin(self) -> None:
        path = self._path / "manifest.json"
        if path.exists():
            raise StoreError(f"{self._path} already holds a gate: open it to resume, or begin a new attempt")
        write_atomically(path, encode_document(self._manifest))

    def _take_unfinished(self) -> None:
        self._take()
        if self.is_complete:
            raise StoreError(
                f"{self._path} is complete and stays as it is: begin a new attempt to measure again"
            )

    def _take(self) -> None:
        if not self._lock.is_locked:
            take(
                self._lock,
                wait_s=0,
                busy=StoreError(
                    f"{self._path} is being written by another weighbridge process: wait for it to end, or "
                    "stop it and run the same command again"
                ),
            )


def find_gates(results: Path) -> tuple[GateFolder, ...]:
    """Return every gate under `results`, oldest first, none when there is no such folder.

    A folder whose manifest was never finished is passed over: nothing was measured in it.
    Raises `StoreError` for a manifest that is damaged or too new.
    """
    found = [GateFolder.open(path.parent) for path in _gates(results).glob("*/manifest.json")]
    return tuple(sorted(found, key=lambda gate: (gate.manifest.created_at, gate.manifest.gate_id)))


def latest_attempt(results: Path, plan_digest: str) -> GateFolder | None:
    """Return the gate with the highest attempt at the plan, None when it was never begun."""
    attempts = [gate for gate in find_gates(results) if gate.manifest.plan_digest == plan_digest]
    return max(attempts, key=lambda gate: gate.manifest.attempt, default=None)


def _gates(results: Path) -> Path:
    return results / "gates"


def _require_file_safe(name: str) -> str:
    if not _FILE_SAFE.fullmatch(name) or name in {".", ".."}:
        raise StoreError(
            f"{name!r} cannot name a file: use 1 to 200 letters, digits, dots, dashes and underscores"
        )
    return name


def _read(path: Path, kind: type[_Document]) -> _Document:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} could not be read ({error.strerror}): give the folder of a gate") from error
    try:
        return decode_document(content, kind)
    except StoreError as error:
        raise StoreError(
            f"{path} could not be read ({error}): restore the file or move the gate folder away"
        ) from error
