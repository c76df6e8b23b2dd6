"""Facts of which every question can be answered with yes."""

from collections.abc import Callable
from datetime import date

import pytest

from harness import parse_arm
from training.preflight.facts import (
    AuditSeen,
    Data,
    Facts,
    Intent,
    LabelChange,
    Motivation,
    RecordedRun,
    ReviewSeen,
)

DIGEST = "d" * 64


@pytest.fixture(scope="session")
def a_recorded() -> Callable[..., RecordedRun]:
    """Makes a recorded run of the base under an arm."""

    def build(arm: str, mean: float, **change: object) -> RecordedRun:
        fields: dict[str, object] = {
            "gate_id": f"gate-{arm}",
            "checkpoint": "small",
            "checkpoint_digest": "a" * 64,
            "arm": parse_arm(arm),
            "temperature": 0.0,
            "items": 60,
            "answered": 60,
            "mean": mean,
            "half_width": 0.05,
        }
        return RecordedRun(**{**fields, **change})  # type: ignore[arg-type]

    return build


@pytest.fixture(scope="session")
def ready(a_recorded: Callable[..., RecordedRun]) -> Facts:
    return Facts(
        base="small",
        task="sums",
        task_folder="tasks/sums",
        results="results",
        today=date(2026, 11, 25),
        intent=Intent(motivation=Motivation.STYLE, owner="Ada", target=0.8),
        data=Data(path="train.jsonl", digest=DIGEST, examples=320, have_inputs=True, overlapping=()),
        evaluation_items=60,
        runs=(
            a_recorded("zero-shot", 0.2),
            a_recorded("zero-shot", 0.1, temperature=0.7),
            a_recorded("fewshot-3", 0.3),
            a_recorded("rag-3", 0.5),
        ),
        stronger="large",
        stronger_runs=(a_recorded("zero-shot", 0.9, checkpoint="large", checkpoint_digest="b" * 64),),
        audit=AuditSeen(data_digest=DIGEST, findings=2, forbidding=0, read_by="Ada"),
        review=ReviewSeen(data_digest=DIGEST, read=50, accepted_share=0.96, reviewer="Ada"),
        labels=LabelChange(on=date(2026, 10, 1), told_by="git"),
    )
