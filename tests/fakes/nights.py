"""Nights of which a test says only what it is about."""

from typing import Any

from harness.domain.nightly import Against, AnchorReading, Night, NightChange, NightPart, NightRow
from harness.domain.suite import Suite
from harness.domain.verdict import Status
from reports.trend.record import Point


def a_night(**fields: Any) -> Night:  # noqa: ANN401 - of any field
    """A finished night that passed, as usual in all that is not said."""
    usual: dict[str, Any] = {
        "name": "nightly",
        "night_id": "2027-01-12-1",
        "file": "nightly.toml",
        "file_digest": "f" * 64,
        "begun_at": "2027-01-12T02:17:00+00:00",
        "finished_at": "2027-01-12T03:00:00+00:00",
        "owner": "Ada",
        "due": "2027-01-31",
        "status": Status.PASSED,
        "reason": "1 checkpoint passed every question",
        "release": "release-8",
    }
    return Night(**usual | fields)


def a_row(checkpoint: str = "tonight", **fields: Any) -> NightRow:  # noqa: ANN401 - of any field
    """The target metric of a cell on sums, asked in the gate that the checkpoint is called after."""
    usual: dict[str, Any] = {
        "part": NightPart.CHECKPOINT,
        "digest": "a" * 64,
        "subject": "sums",
        "arm": "zero-shot",
        "suite": Suite.TARGET_METRIC,
        "items": 60,
        "mean": 0.75,
        "interval": (0.64, 0.86),
        "measured_at": "2027-01-12T02:17:05+00:00",
        "is_new": True,
        "gate": f"results/gates/{checkpoint}-1",
        "run_id": "task.sums.zero-shot.candidate",
    }
    return NightRow(checkpoint=checkpoint, **usual | fields)


def a_change(against: Against = Against.RELEASE, **fields: Any) -> NightChange:  # noqa: ANN401 - of any field
    """A loss of a point that is tolerated."""
    usual: dict[str, Any] = {
        "status": Status.PASSED,
        "reason": "0.750 against 0.760 on 60 items: shown to be no more than 10 points worse",
        "gates": True,
        "delta": -0.01,
        "interval": (-0.04, 0.02),
    }
    return NightChange(against=against, **usual | fields)


def a_reading(**fields: Any) -> AnchorReading:  # noqa: ANN401 - of any field
    """An anchor on sums that scores what it scored, but for an item either way."""
    usual: dict[str, Any] = {
        "subject": "sums",
        "arm": "zero-shot",
        "suite": Suite.TARGET_METRIC,
        "then": 0.5,
        "now": 0.5,
        "since": "2026-11-01T02:00:00+00:00",
        "interval": (-0.02, 0.02),
        "changed": 2,
        "items": 60,
        "moved": False,
        "gate": "results/gates/anchor-1",
    }
    return AnchorReading(**usual | fields)


def a_point(number: int, side: str) -> Point:
    """The point of a night, the candidate's of the twentieth and later lower than before."""
    mean = 0.5 if side == "candidate" and number >= 20 else 0.8
    return Point(
        at_s=1_735_689_600 + 86_400 * number,
        gate_id=f"g-{number}",
        subject="sums",
        subject_digest="a" * 64,
        arm="zero-shot",
        side=side,
        checkpoint=f"night-{number} <b>",
        metric="target",
        items=100,
        mean=mean,
        lower=mean - 0.05,
        upper=mean + 0.05,
    )
