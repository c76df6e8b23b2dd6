"""Builders of small checkpoints, tasks, runs and recorded gates, shared by the rooms' tests."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, settings

from harness.domain.arm import Arm, parse_arm
from harness.domain.checkpoint import Checkpoint, Endpoint
from harness.domain.manifest import GateManifest
from harness.domain.response import FinishReason, GenerationFailure, Response, Timing
from harness.domain.run import Candidate, ItemResult, RunKind, RunSpec, Side
from harness.domain.score import Score
from harness.domain.suite import Suite
from harness.domain.task import ChoiceItem, Decoding, GoldExample, Inputs, Item, Probe, Task
from harness.domain.verdict import GateVerdict
from harness.gating.gate import decide
from tests.fakes.manifests import a_manifest

pytest_plugins = [
    "pytester",
    "tests.fakes.browser",
    "tests.fakes.certificates",
    "tests.fakes.fixtures",
]

# No test may fail for the time it takes: machines are shared.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

Value = float | Timing | GenerationFailure
Sides = Sequence[Sequence[Value]]
Recorded = tuple[GateManifest, dict[str, tuple[ItemResult, ...]]]

_KINDS = {Suite.FORGETTING: RunKind.PROBE, Suite.LATENCY: RunKind.LATENCY}


@pytest.fixture(scope="session")
def a_checkpoint() -> Callable[..., Checkpoint]:
    """Makes the checkpoint of a name, its digest that of the name."""

    def build(label: str) -> Checkpoint:
        return Checkpoint(
            label=label,
            digest=hashlib.sha256(label.encode()).hexdigest(),
            endpoint=Endpoint(url="http://localhost:8000/v1", model=label),
        )

    return build


@pytest.fixture(scope="session")
def a_task() -> Callable[..., Task]:
    """Makes a task of sums: item `i1` asks for 1 + 1, gold example `g1` solves 1 + 100."""

    def build(*, items: int = 3, gold: int = 5, name: str = "sums", system: str = "You add.") -> Task:
        return Task(
            name=name,
            digest=hashlib.sha256(name.encode()).hexdigest(),
            system=system,
            items=tuple(
                Item(id=f"i{n}", cluster=f"c{n}", inputs={"a": n, "b": 1}, reference=n + 1)
                for n in range(1, items + 1)
            ),
            gold=tuple(
                GoldExample(id=f"g{n}", inputs={"a": n, "b": 100}, output=str(n + 100))
                for n in range(1, gold + 1)
            ),
            schema={"type": "integer"},
            ask=_ask,
            score=_score,
            decoding=Decoding(max_tokens=16),
        )

    return build


@pytest.fixture(scope="session")
def a_probe() -> Callable[..., Probe]:
    """Makes a probe whose right continuation is always the first, shorter one."""

    def build(*, items: int = 3, name: str = "sciq") -> Probe:
        return Probe(
            name=name,
            digest=hashlib.sha256(name.encode()).hexdigest(),
            items=tuple(
                ChoiceItem(id=f"p{n}", context=f"Question {n}:", continuations=(" yes", " never"), gold=0)
                for n in range(1, items + 1)
            ),
            chance=0.5,
        )

    return build


@pytest.fixture(scope="session")
def a_run(a_checkpoint: Callable[..., Checkpoint]) -> Callable[..., RunSpec]:
    """Makes the run of a side over items of a subject."""

    def build(
        side: Side,
        item_ids: Sequence[str],
        *,
        kind: RunKind = RunKind.TASK,
        subject: str = "sums",
        arm: str = "zero-shot",
    ) -> RunSpec:
        where: Arm = parse_arm(arm)
        return RunSpec(
            id=f"{kind}.{subject}.{arm}.{side}",
            pair=f"{kind}.{subject}.{arm}",
            kind=kind,
            side=side,
            candidate=Candidate(checkpoint=a_checkpoint(f"the-{side}"), arm=where),
            subject=subject,
            subject_digest="c" * 64,
            item_ids=tuple(item_ids),
        )

    return build


@pytest.fixture(scope="session")
def results_of() -> Callable[..., tuple[ItemResult, ...]]:
    """Makes a run's results from scores, timings and failures, in the order of its items."""

    def build(run: RunSpec, values: Sequence[Value], clusters: Sequence[str] = ()) -> tuple[ItemResult, ...]:
        named = clusters or [f"cluster of {item_id}" for item_id in run.item_ids]
        rows = zip(run.item_ids, values, named, strict=True)
        return tuple(_result(run, item_id, value, cluster) for item_id, value, cluster in rows)

    return build


@pytest.fixture(scope="session")
def recorded(
    a_run: Callable[..., RunSpec], results_of: Callable[..., tuple[ItemResult, ...]]
) -> Callable[..., Recorded]:
    """Makes the manifest of a gate, and its results by run, from the sides' values by subject.

    Two sides are baseline and candidate, a third is the anchor.  Further keywords replace
    fields of the manifest.
    """

    def build(
        sides: Mapping[str, Sides],
        *,
        suite: Suite = Suite.TARGET_METRIC,
        clusters: Sequence[str] = (),
        categories: Sequence[str] = (),
        **manifest: object,
    ) -> Recorded:
        results = {}
        runs = []
        for subject, values_of in sides.items():
            for side, values in zip(Side, values_of, strict=False):
                names = [f"i{number}" for number in range(len(values))]
                run = dataclasses.replace(
                    a_run(side, names, kind=_KINDS.get(suite, RunKind.TASK), subject=subject),
                    clusters=tuple(clusters),
                    categories=tuple(categories),
                )
                runs.append(run)
                results[run.id] = results_of(run, values, clusters)
        return a_manifest(**{"runs": runs, "suites": (suite,), **manifest}), results

    return build


@pytest.fixture(scope="session")
def weigh(recorded: Callable[..., Recorded]) -> Callable[..., GateVerdict]:
    """Decides one question from the values of baseline and candidate, and of an anchor if given."""

    def build(*sides: Sequence[Value], **how: object) -> GateVerdict:
        manifest, results = recorded({"sums": sides}, **how)
        return decide(manifest, results.__getitem__)

    return build


def _ask(inputs: Inputs) -> str:
    return f"What is {inputs['a']} + {inputs['b']}?"


def _score(item: Item, reply: str) -> Score:
    return Score(value=float(reply == json.dumps(item.reference)))


def _result(run: RunSpec, item_id: str, value: Value, cluster: str) -> ItemResult:
    if isinstance(value, GenerationFailure):
        outcome: Response | GenerationFailure = value
    else:
        outcome = Response(
            text="2",
            finish_reason=FinishReason.STOP,
            prompt_tokens=9,
            completion_tokens=1,
            timing=value if isinstance(value, Timing) else None,
        )
    score = Score(value=value if isinstance(value, float) else 0.0)
    timed = run.kind is RunKind.LATENCY
    return ItemResult(
        run_id=run.id,
        item_id=item_id,
        cluster=cluster,
        outcome=outcome,
        scores={} if timed else dict.fromkeys(("target", "schema", "choice"), score),
    )
