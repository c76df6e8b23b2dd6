"""Which tests a suite becomes: one a question of the gate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.domain.run import Side
from harness.domain.suite import Suite
from harness.domain.verdict import Verdict
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.experiments.request import GateRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What one test of a suite is about; `arm` is empty for a probe."""

    subject: str
    arm: str
    against: Side = Side.BASELINE

    @property
    def id(self) -> str:
        """The part of the test's name in brackets, for example `tickets-rag-3-anchor`."""
        against = "" if self.against is Side.BASELINE else str(self.against)
        return "-".join(filter(None, (self.subject, self.arm, against)))

    def answer(self, suite: Suite, verdicts: Sequence[Verdict]) -> Verdict:
        """Return the one of `verdicts` that answers `suite` for this case.

        Where nothing was compared with the anchor, because it holds what the baseline holds,
        the answer is that of the baseline.  Raises `UsageError` when there is none.
        """
        answers = [each for each in verdicts if each.suite is suite and self._is_answered_by(each)]
        if answers:
            return answers[0]
        if self.against is Side.ANCHOR and all(each.against is not Side.ANCHOR for each in verdicts):
            return replace(self, against=Side.BASELINE).answer(suite, verdicts)
        raise UsageError(
            f"the gate has no verdict of {suite} on {self.id}: name the task by its own name or folder"
        )

    def _is_answered_by(self, verdict: Verdict) -> bool:
        """A task may be named by its folder."""
        return (Path(verdict.subject).name, verdict.arm, verdict.against) == (
            Path(self.subject).name,
            self.arm,
            self.against,
        )


def cases(suite: Suite, request: "GateRequest") -> Iterator[Case]:
    """Yield a case for every subject and arm against the baseline, then against the anchor if there is one.

    Pooled probes are one subject, and so are all replies that people or a judge read, where the policy asks.
    """
    from harness.gating.questions import is_compared
    from harness.gating.reads import SUBJECT
    from suites.probes import POOLED

    afterwards = {Suite.HUMAN_READS: request.policy.reads, Suite.JUDGED: request.policy.judge}
    if suite in afterwards:
        if afterwards[suite] is not None:
            yield Case(subject=SUBJECT, arm="")
        return
    if suite is Suite.FORGETTING:
        policy = request.policy.forgetting
        asked = [Case(subject=probe, arm="") for probe in ((POOLED,) if policy.pooled else policy.probes)]
    else:
        asked = [Case(subject=task, arm=str(arm)) for task in request.tasks for arm in request.arms]
    yield from asked
    if request.policy.anchor and is_compared(suite, Side.ANCHOR, request.policy):
        yield from (replace(case, against=Side.ANCHOR) for case in asked)
