"""What was found of a checkpoint -> its rows and holes in a night."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import fmean

from harness.domain.nightly import Asked, NightHole, NightPart, NightRow
from harness.domain.suite import Suite
from harness.experiments.nightly.anchor import interval_of
from harness.experiments.nightly.ask import Found
from harness.experiments.nightly.judge import Bar, Changes
from harness.experiments.nightly.recorded import Kept
from harness.experiments.request import as_typed
from harness.gating.questions import METRIC

_ALPHA = 0.025
"""One-sided, of the interval of a mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A checkpoint of a night, the part it has there, and what was found of its cells."""

    part: NightPart
    checkpoint: str
    found: Mapping[Asked, Found]

    @property
    def holes(self) -> tuple[NightHole, ...]:
        """Its cells that have no run."""
        return tuple(
            NightHole(
                part=self.part,
                checkpoint=self.checkpoint,
                subject=asked.subject,
                arm=asked.shown_arm,
                reason=reason,
            )
            for asked, reason in self.found.items()
            if isinstance(reason, str)
        )

    def rows(self, bar: Bar, *, asked: frozenset[str], changes: Changes) -> Iterator[NightRow]:
        """Yield a row for every suite of every cell that has a run; `asked` are the gates of this night."""
        for cell, kept in self.found.items():
            if isinstance(kept, Kept):
                for suite in bar.suites_of(cell):
                    row = self._row(cell, kept, suite)
                    known = changes.get((cell, suite), ())
                    yield replace(row, is_new=kept.gate_id in asked, changes=known)

    def _row(self, cell: Asked, kept: Kept, suite: Suite) -> NightRow:
        results = kept.results
        scores = [each.scores[METRIC[suite]].value for each in results]
        clusters = [each.cluster for each in results]
        return NightRow(
            part=self.part,
            checkpoint=self.checkpoint,
            digest=kept.run.candidate.checkpoint.digest,
            subject=cell.subject,
            arm=cell.shown_arm,
            suite=suite,
            items=len(scores),
            mean=fmean(scores),
            interval=interval_of(scores, clusters, alpha=_ALPHA, lowest=0.0),
            measured_at=kept.folder.manifest.created_at,
            is_new=False,
            gate=as_typed(kept.folder.path),
            run_id=kept.run.id,
        )
