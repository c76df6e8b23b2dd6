"""What people made of the replies -> the answer to a policy that asks for human reads.

Reading begins where the sides differ, so the share accepted is no estimate of anything else:
the demand is a rule about what was read, and has no error rate.
"""

from collections.abc import Callable, Sequence

from harness.domain.manifest import GateManifest
from harness.domain.policy import ReadsPolicy, Role
from harness.domain.reading import Label, Reads, labels
from harness.domain.run import ItemResult
from harness.domain.suite import Suite
from harness.domain.verdict import Evidence
from harness.gating.assessment import Assessment, Question
from harness.gating.readable import answers
from harness.gating.wording import plural, share
from harness.stats.proportion import clopper_pearson

SUBJECT = "replies"
"""What human reads are of: the candidate's replies to all tasks under all arms together."""

_QUESTION = Question(
    suite=Suite.HUMAN_READS, subject=SUBJECT, arm="", metric="accepted share", role=Role.GATE
)


def assess_reads(
    manifest: GateManifest, results_of: Callable[[str], Sequence[ItemResult]], reads: Sequence[Reads]
) -> Assessment | None:
    """Return the answer to the policy's demand on reads, None where it makes none.

    Readings of what the gate did not record count for nothing.
    """
    asked = manifest.policy.reads
    if asked is None:
        return None
    there = answers(manifest, results_of)
    if not there:
        return Assessment(
            question=_QUESTION, invalid="the gate holds no reply that people could read; ask a task"
        )
    read = [label for place, label in labels(reads).items() if place in there]
    return _assessment(read, asked, needed=min(asked.required, len(there)), alpha=manifest.policy.alpha)


def _assessment(read: Sequence[Label], asked: ReadsPolicy, *, needed: int, alpha: float) -> Assessment:
    lacking = max(0, needed - len(read))
    aim = f"accepted by people at {asked.min_accepted:g} or more over {plural(needed, 'read')}"
    more = f"{plural(lacking, 'more read')} {'is' if lacking == 1 else 'are'} needed, with weighbridge review"
    if not read:
        return Assessment(question=_QUESTION, finding="nobody has read a reply", aim=aim, shortfall=more)
    accepted, n = sum(label.candidate for label in read), len(read)
    found, bounds = accepted / n, clopper_pearson(accepted, n, alpha=alpha)
    low, high = (bound - asked.min_accepted for bound in bounds)
    return Assessment(
        question=_QUESTION,
        passes=not lacking and found >= asked.min_accepted,
        regressed=not lacking and found < asked.min_accepted,
        finding=f"people accepted {accepted} of {n} replies ({share(found)})",
        aim=aim,
        shortfall=more,
        why_regressed=f"fewer than the {asked.min_accepted:g} that the policy asks for",
        evidence=Evidence(
            n=n,
            baseline=asked.min_accepted,
            candidate=found,
            delta=found - asked.min_accepted,
            interval=(low, high),
            tests=(),
            details={"planned_items": float(needed)} | _baseline(read),
        ),
    )


def _baseline(read: Sequence[Label]) -> dict[str, float]:
    """The share of the baseline's replies that was accepted, where it was read too."""
    seen = [label.baseline for label in read if label.baseline is not None]
    return {"baseline_accepted": sum(seen) / len(seen), "baseline_read": float(len(seen))} if seen else {}
