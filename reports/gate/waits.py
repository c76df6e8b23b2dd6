"""Waiting times as distributions: quantiles by run, where any were measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles

from harness import Response, RunKind
from reports.gate.record import GateRecord
from reports.plain_text import harmless

METRICS = ("ttft_s", "tpot_s", "e2e_s")
_CUTS = 100
_FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """The waiting times of one run on one metric, in seconds, ascending."""

    subject: str
    arm: str
    side: str
    metric: str
    seconds: tuple[float, ...]

    def quantile(self, percent: int) -> float:
        """Return the quantile at `percent`, 1 to 99, interpolated between neighbours."""
        return quantiles(self.seconds, n=_CUTS, method="inclusive")[percent - 1]


def waits(record: GateRecord) -> tuple[Waits, ...]:
    """Return the waiting times of every timed run; runs of fewer than two timed replies are left out."""
    return tuple(
        Waits(
            subject=harmless(run.subject, longest=100),
            arm=str(run.candidate.arm),
            side=str(run.side),
            metric=metric,
            seconds=tuple(sorted(seconds)),
        )
        for run in record.manifest.runs
        if run.kind is RunKind.LATENCY
        for metric in METRICS
        if len(seconds := list(_seconds(record, run.id, metric))) >= _FEWEST
    )


def _seconds(record: GateRecord, run_id: str, metric: str) -> Iterator[float]:
    for result in record.results.get(run_id, ()):
        outcome = result.outcome
        timing = outcome.timing if isinstance(outcome, Response) else None
        value = getattr(timing, metric, None)
        if value is not None:
            yield value
