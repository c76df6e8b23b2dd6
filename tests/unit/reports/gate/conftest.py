"""Records of gates as reports take them: one that regressed, hostile words included."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.domain.manifest import GateManifest
from harness.domain.response import FailureKind, FinishReason, GenerationFailure, Response
from harness.domain.run import ItemResult, RunKind, RunSpec, Side
from harness.domain.score import Score
from harness.domain.suite import Suite
from harness.domain.task import Task
from harness.gating.gate import decide
from reports.gate.record import GateRecord
from tests.fakes.manifests import a_manifest

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m\u202egnp.exe\ud800 {{ 7 * 7 }}"
)
ITEMS = 80

MakeRecord = Callable[..., GateRecord]


@pytest.fixture(scope="session")
def a_record(a_run: Callable[..., RunSpec], a_task: Callable[..., Task]) -> MakeRecord:
    """Makes the record of a gate on the task of sums, whose candidate loses every third item.

    `said` is what the candidate replies, `finished` whether there is a verdict.
    """

    def build(
        *, said: str = "6", finished: bool = True, arms: tuple[str, ...] = ("zero-shot",)
    ) -> GateRecord:
        task = a_task(items=ITEMS)
        runs, results = [], {}
        for arm in arms:
            for side in (Side.BASELINE, Side.CANDIDATE):
                run = replace(
                    a_run(side, [item.id for item in task.items], subject=task.name, arm=arm),
                    subject_digest=task.digest,
                )
                runs.append(run)
                results[run.id] = tuple(_result(run, n, said) for n in range(ITEMS))
        manifest = _manifest(a_run, tuple(runs))
        verdict = decide(manifest, results.__getitem__) if finished else None
        return GateRecord(
            folder="results/gates/g-1",
            manifest=manifest,
            verdict=verdict,
            results=results,
            replayed=True if finished else None,
            tasks={task.digest: task},
        )

    return build


def _manifest(_: object, runs: tuple[RunSpec, ...]) -> GateManifest:

    return a_manifest(
        gate_id="g-1",
        suites=(Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY),
        runs=runs,
        environment={"python": "3.11"},
    )


def _result(run: RunSpec, number: int, said: str) -> ItemResult:
    is_candidate = run.side is Side.CANDIDATE
    lost = is_candidate and number % 3 == 0
    if is_candidate and number == 1:
        outcome: Response | GenerationFailure = GenerationFailure(
            kind=FailureKind.TIMEOUT, message="no reply in 5 s"
        )
    else:
        outcome = Response(
            text=said if is_candidate else "5",
            finish_reason=FinishReason.STOP,
            prompt_tokens=10,
            completion_tokens=2,
        )
    value = 0.0 if lost else 1.0
    target = Score(
        value=value, parts={"answer": value, "wording": 1.0}, note="lost on answer" if lost else ""
    )
    schema = Score(value=value, note="" if value else f"at steps/{number}/value: 'x' is not a number")
    return ItemResult(
        run_id=run.id,
        item_id=run.item_ids[number],
        cluster=f"c{number}",
        outcome=outcome,
        scores={"target": target, "schema": schema} if run.kind is RunKind.TASK else {},
        prompt_digest="a" * 64,
        example_ids=("g1", "gone"),
    )
