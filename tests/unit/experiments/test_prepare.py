"""What is looked up before anything is started; endpoints stand for checkpoints, and none is asked."""

import dataclasses
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config.task_folder import find_task, load_task
from harness.domain.checkpoint import Checkpoint
from harness.domain.policy import ForgettingPolicy, OnContamination, Policy
from harness.domain.run import ItemResult, RunSpec, Side
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict, Status
from harness.errors import ContaminatedItems, TooFewItems, UnknownCheckpoint, UsageError
from harness.experiments.noise import noise_request
from harness.experiments.prepare import as_served, load_subjects, prepare
from harness.experiments.progress import Silent
from harness.experiments.request import GateRequest, Purpose, arms_named, places
from harness.store.gate_folder import GateFolder
from serving.hardware import Accelerator, Hardware
from tests.fakes.manifests import a_manifest
from training.merge import MergeBase

NOWHERE = "http://127.0.0.1:9/v1#"
PROBES = ForgettingPolicy(probes=("sciq", "piqa"), items=30)
ResultsOf = Callable[..., tuple[ItemResult, ...]]


@pytest.fixture
def request_of(tmp_path: Path) -> GateRequest:
    return GateRequest(
        checkpoint=NOWHERE + "mine",
        baseline=NOWHERE + "theirs",
        arms=arms_named("zero-shot"),
        tasks=("tickets",),
        suites=(Suite.TARGET_METRIC,),
        policy=Policy(items=60, forgetting=PROBES),
        places=places(tmp_path / "results"),
    )


@pytest.fixture
def noisy(request_of: GateRequest, results_of: ResultsOf) -> GateRequest:
    """The request, with a noise run of its baseline left in which half of the items turned over."""
    noise = noise_request(request_of)
    plan = prepare(noise, Silent())
    manifest = a_manifest(
        gate_id="noise",
        policy=noise.policy,
        suites=noise.suites,
        runs=plan.runs,
    )
    with GateFolder.create(request_of.places.results, manifest) as folder:
        for run in plan.runs:
            turned = 1.0 if run.side is Side.BASELINE else 0.0
            values = [turned if number % 4 else 1.0 - turned for number in range(len(run.item_ids))]
            with folder.journal(run.id) as journal:
                for result in results_of(run, values, run.clusters):
                    journal.append(result)
        folder.finish(GateVerdict(status=Status.INVALID, reason="noise", verdicts=()))
    return request_of


def labels(runs: tuple[RunSpec, ...]) -> dict[Side, str]:
    return {run.side: run.candidate.checkpoint.label.rpartition("#")[2] for run in runs}


def test_endpoints_are_planned_for_and_no_server_is_to_be_started(request_of: GateRequest) -> None:
    plan = prepare(request_of, Silent())
    assert labels(plan.runs) == {Side.BASELINE: "theirs", Side.CANDIDATE: "mine"}
    assert {len(run.item_ids) for run in plan.runs} == {60}
    assert plan.deployment.servers == ()
    assert plan.underpowered == {}


def test_a_gate_that_its_baselines_noise_calls_too_small_is_refused_with_the_way_out(
    noisy: GateRequest,
) -> None:
    with pytest.raises(TooFewItems) as caught:
        prepare(noisy, Silent())
    pattern = (
        r"target-metric on tickets x zero-shot: 60 items have a power of 0\.\d\d where 0\.95 is asked "
        r"\(measured in gate noise\); (\d+) would have it; ask for more items, widen the margin, or measure "
        r"all the same with --allow-underpowered, and then nothing that is too small can pass"
    )
    found = re.fullmatch(pattern, str(caught.value))
    assert found is not None
    assert int(found[1]) > 60


def test_what_was_allowed_is_measured_and_marked_too_small(noisy: GateRequest) -> None:
    plan = prepare(dataclasses.replace(noisy, allow_underpowered=True), Silent())
    assert list(plan.underpowered) == ["target-metric/tickets/zero-shot/baseline"]


@pytest.mark.parametrize(
    "other",
    [
        {"baseline": NOWHERE + "others"},
        {"arms": arms_named("fewshot-2")},
        {"policy": Policy(items=60, temperature=0.7)},
    ],
    ids=["baseline", "arm", "temperature"],
)
def test_the_noise_of_something_else_refuses_nothing(other: dict[str, object], noisy: GateRequest) -> None:
    assert prepare(dataclasses.replace(noisy, **other), Silent()).underpowered == {}  # type: ignore[arg-type]


def test_an_anchor_is_a_third_side_unless_it_is_the_baseline(request_of: GateRequest) -> None:
    def sides(anchor: str) -> dict[Side, str]:
        policy = dataclasses.replace(request_of.policy, anchor=NOWHERE + anchor)
        return labels(prepare(dataclasses.replace(request_of, policy=policy), Silent()).runs)

    assert sides("frozen") == {Side.BASELINE: "theirs", Side.CANDIDATE: "mine", Side.ANCHOR: "frozen"}
    assert sides("theirs") == {Side.BASELINE: "theirs", Side.CANDIDATE: "mine"}


def test_a_score_alone_takes_one_side_and_both_suites_of_scores(request_of: GateRequest) -> None:
    alone = dataclasses.replace(request_of, purpose=Purpose.SCORE, suites=(), baseline="nonsense")
    plan = prepare(alone, Silent())
    assert labels(plan.runs) == {Side.CANDIDATE: "mine"}
    assert plan.request.suites == (Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY)


def test_tasks_are_decoded_at_the_temperature_of_the_policy(request_of: GateRequest) -> None:
    warm = dataclasses.replace(request_of, policy=Policy(temperature=0.7))
    assert [load_subjects(each).tasks[0].decoding.temperature for each in (request_of, warm)] == [0.0, 0.7]


@pytest.mark.parametrize(
    ("suites", "pooled", "sizes"),
    [
        ((Suite.TARGET_METRIC,), False, {}),
        ((Suite.FORGETTING,), False, {"sciq": 30, "piqa": 30}),
        ((Suite.FORGETTING,), True, {"pooled": 60}),
    ],
)
def test_probes_are_loaded_where_forgetting_is_asked(
    suites: tuple[Suite, ...],
    pooled: bool,  # noqa: FBT001 - a column of the table
    sizes: dict[str, int],
    request_of: GateRequest,
) -> None:
    policy = Policy(forgetting=dataclasses.replace(PROBES, pooled=pooled))
    found = load_subjects(dataclasses.replace(request_of, suites=suites, policy=policy)).probes
    assert {probe.name: len(probe.items) for probe in found} == sizes


@pytest.mark.parametrize(
    ("other", "kind", "sentence"),
    [
        ({"checkpoint": "nonsense"}, UnknownCheckpoint, "unknown checkpoint 'nonsense'"),
        ({"tasks": ("nonsense",)}, UsageError, "unknown task 'nonsense'"),
        ({"suites": ()}, UsageError, "nothing to measure"),
        ({"policy": Policy(items=20)}, TooFewItems, "on 20 items cannot pass"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    other: dict[str, object], kind: type[Exception], sentence: str, request_of: GateRequest
) -> None:
    with pytest.raises(kind, match=sentence):
        prepare(dataclasses.replace(request_of, **other), Silent())  # type: ignore[arg-type]


@pytest.fixture
def adapter(trained: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Checkpoint:
    """A QLoRA adapter on a base; merging is played."""
    folder = trained("adapter")
    (folder / "adapter_config.json").write_text('{"r": 4, "target_modules": ["q_proj"]}')

    def run(command: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        Path(command[-3]).mkdir()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return Checkpoint(label="base+adapter", digest="d" * 64, weights=folder.parent, adapter=folder)


@pytest.mark.parametrize(
    ("accelerator", "into", "label", "is_merged"),
    [
        (Accelerator.CPU, MergeBase.AS_TRAINED, "base+adapter", True),
        (Accelerator.CUDA, MergeBase.AS_TRAINED, "base+adapter", True),
        (Accelerator.CUDA, MergeBase.DEQUANTISED, "base+adapter (into dequantised)", True),
        (Accelerator.CPU, MergeBase.FULL, "base+adapter (into full)", True),
        (Accelerator.CUDA, MergeBase.FULL, "base+adapter (into full)", False),
    ],
)
def test_an_adapter_of_a_4_bit_base_is_merged_as_trained_and_another_base_stands_in_the_label(  # noqa: PLR0913, PLR0917 - a table
    accelerator: Accelerator,
    into: MergeBase,
    label: str,
    is_merged: bool,  # noqa: FBT001 - a column of the table
    adapter: Checkpoint,
    tmp_path: Path,
) -> None:
    machine = Hardware(accelerator=accelerator, cores=2, available_bytes=1 << 34, native_bfloat16=True)
    served = as_served(adapter, into, cache=tmp_path, machine=machine, progress=Silent())
    assert (served.label, served.adapter is None) == (label, is_merged)
    is_full = into is MergeBase.FULL
    assert (served.digest == adapter.digest) == is_full


def test_what_was_trained_on_is_planned_for_nobody(
    request_of: GateRequest, trained: Callable[..., Path]
) -> None:
    task = load_task(find_task("tickets", tasks_dir=request_of.places.tasks))
    first = task.items[0]
    told = dataclasses.replace(
        request_of,
        certificate=trained("told", [task.ask(first.inputs)]),
        policy=Policy(items=None, contamination=OnContamination.EXCLUDE),
    )
    plan = prepare(told, Silent())
    assert [each.item_ids for each in plan.provenance.left_out] == [(first.id,)]
    assert {len(run.item_ids) for run in plan.runs} == {len(task.items) - 1}
    assert all(first.id not in run.item_ids for run in plan.runs)
    with pytest.raises(ContaminatedItems, match=r"was trained on 1 item of tickets"):
        prepare(dataclasses.replace(told, policy=Policy()), Silent())


def test_waiting_times_may_be_taken_of_what_was_trained_on(
    request_of: GateRequest, trained: Callable[..., Path]
) -> None:
    task = load_task(find_task("tickets", tasks_dir=request_of.places.tasks))
    told = dataclasses.replace(
        request_of,
        certificate=trained("told", [task.ask(task.items[0].inputs)]),
        suites=(Suite.LATENCY,),
    )
    assert prepare(told, Silent()).provenance.left_out == ()


def test_who_retrieves_is_looked_up_only_where_an_arm_retrieves(
    request_of: GateRequest,
) -> None:
    odd = dataclasses.replace(request_of.places, embedder="./no-such-embedder")
    plain = dataclasses.replace(request_of, places=odd)
    assert {run.embedder for run in prepare(plain, Silent()).runs} == {""}
    with pytest.raises(UsageError, match=r"unknown embedder './no-such-embedder'"):
        prepare(dataclasses.replace(plain, arms=arms_named("rag-3")), Silent())
    retrieving = dataclasses.replace(request_of, arms=arms_named("rag-3"))
    (name,) = {run.embedder for run in prepare(retrieving, Silent()).runs}
    assert name.startswith("minilm-l6-v2-")
