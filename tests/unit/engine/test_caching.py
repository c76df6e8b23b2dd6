"""What is answered from the cache, and what must never be."""

import asyncio
import dataclasses
from collections.abc import Callable

import pytest
from msgspec import structs

from harness.backends.port import GenerationRequest
from harness.backends.scripted import ScriptedBackend
from harness.domain.arm import parse_arm
from harness.domain.prompt import ChoicePrompt
from harness.domain.response import ChoiceResponse, FailureKind, GenerationFailure, Response
from harness.domain.run import ItemResult, RunKind, RunSpec, Side
from harness.domain.task import Decoding, Task
from harness.engine.caching import Answer, Caching
from harness.engine.perform import perform
from harness.engine.schedule import reply_work
from harness.engine.work import Wiring, Work

WorkOf = Callable[..., tuple[Work, ...]]
Wired = Callable[..., Wiring]
_BROKEN = GenerationFailure(kind=FailureKind.TIMEOUT, message="late")


class Shelf(dict[str, Answer]):
    """A store in memory."""

    def put(self, key: str, answer: Answer) -> None:
        self[key] = answer


class Asked(ScriptedBackend):
    """Counts what it is asked."""

    def __init__(self, reply: str | GenerationFailure = "2") -> None:
        super().__init__(lambda _: reply)
        self.count = 0

    async def generate(self, request: GenerationRequest) -> Response | GenerationFailure:
        self.count += 1
        return await super().generate(request)

    async def weigh(self, prompt: ChoicePrompt) -> ChoiceResponse | GenerationFailure:
        self.count += 1
        return await super().weigh(prompt)


class Measured:
    """Carries out work again and again over one shelf."""

    def __init__(self, wired: Wired) -> None:
        self.shelf = Shelf()
        self.backend = Asked()
        self._wired = wired

    def __call__(self, work: Work, *, engine: str = "vllm 1", **parts: object) -> ItemResult:
        caching = Caching(self.shelf, {work.run.candidate.checkpoint.digest: engine})
        wiring = self._wired((work,), self.backend, **{"caching": caching, **parts})
        return asyncio.run(perform(work, wiring))


@pytest.fixture
def measured(wired: Wired) -> Measured:
    return Measured(wired)


def test_a_reply_that_was_given_before_costs_no_request(sums_work: WorkOf, measured: Measured) -> None:
    work = sums_work()[0]
    assert measured(work) == measured(work)
    assert measured.backend.count == 1


def test_log_likelihoods_that_were_given_before_cost_no_request(
    probe_work: WorkOf, measured: Measured
) -> None:
    work = probe_work()[0]
    assert measured(work) == measured(work)
    assert measured.backend.count == 1


def test_another_engine_version_misses(sums_work: WorkOf, measured: Measured) -> None:
    work = sums_work()[0]
    measured(work, engine="vllm 1")
    measured(work, engine="vllm 2")
    assert measured.backend.count == 2


@pytest.mark.parametrize("kind", ["reply", "choice"])
def test_another_seed_side_or_item_misses(
    sums_work: WorkOf, probe_work: WorkOf, measured: Measured, kind: str
) -> None:
    make = sums_work if kind == "reply" else probe_work
    for work in (*make(2), *make(1, side=Side.BASELINE)):
        measured(work)
    measured(make(1)[0], seed=8)
    assert measured.backend.count == 4


@pytest.mark.parametrize(
    "changed",
    [
        {"decoding": Decoding(max_tokens=9)},
        {"decoding": Decoding(max_tokens=8, temperature=0.5)},
        {"decoding": Decoding(max_tokens=8, top_p=0.5)},
        {"decoding": Decoding(max_tokens=8, constrained=True)},
        {"decoding": Decoding(max_tokens=8, constrained=True), "schema": {"type": "object"}},
        {"system": "You subtract."},
    ],
)
def test_other_settings_or_another_prompt_miss(
    a_task: Callable[..., Task], a_run: Callable[..., RunSpec], measured: Measured, changed: dict[str, object]
) -> None:
    plain = dataclasses.replace(a_task(), decoding=Decoding(max_tokens=8))
    constrained = dataclasses.replace(a_task(), decoding=Decoding(max_tokens=8, constrained=True))
    before = constrained if "schema" in changed else plain
    for task in (before, dataclasses.replace(before, **changed)):  # type: ignore[arg-type]
        (work,) = reply_work(a_run(Side.CANDIDATE, ["i1"]), task, timed=False, max_tokens=None)
        measured(work)
    assert measured.backend.count == 2


def test_another_checkpoint_or_template_misses_because_its_digest_is_another(
    sums_work: WorkOf, measured: Measured
) -> None:
    work = sums_work()[0]
    candidate = work.run.candidate
    other = dataclasses.replace(candidate.checkpoint, digest="f" * 64)
    run = dataclasses.replace(work.run, candidate=dataclasses.replace(candidate, checkpoint=other))
    measured(work)
    measured(structs.replace(work, run=run))
    assert measured.backend.count == 2


def test_the_name_of_a_run_and_of_its_arm_are_no_part_of_the_key(
    sums_work: WorkOf, measured: Measured
) -> None:
    work = sums_work()[0]
    candidate = dataclasses.replace(work.run.candidate, arm=parse_arm("rag-1"))
    measured(work)
    measured(structs.replace(work, run=dataclasses.replace(work.run, id="other", candidate=candidate)))
    assert measured.backend.count == 1


def test_a_failure_is_asked_again(sums_work: WorkOf, measured: Measured) -> None:
    work = sums_work()[0]
    measured.backend = Asked(_BROKEN)
    assert measured(work).outcome == _BROKEN
    measured.backend = Asked()
    assert isinstance(measured(work).outcome, Response)
    assert measured.backend.count == 1


def test_a_checkpoint_whose_engine_nobody_knows_is_never_answered_for(
    sums_work: WorkOf, probe_work: WorkOf, measured: Measured
) -> None:
    for work in (sums_work()[0], probe_work()[0]):
        for _ in range(2):
            measured(work, caching=Caching(measured.shelf, {}))
    assert measured.backend.count == 4
    assert not measured.shelf


def test_waiting_times_are_always_measured(
    a_task: Callable[..., Task], a_run: Callable[..., RunSpec], measured: Measured
) -> None:
    run = a_run(Side.CANDIDATE, ["i1"], kind=RunKind.LATENCY)
    (work,) = reply_work(run, a_task(), timed=True, max_tokens=4)
    measured(work)
    measured(work)
    assert measured.backend.count == 2
    assert not measured.shelf
