"""A scripted judge over real HTTP, from a task's judge.toml to the gate's verdict."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean

import pytest

from harness.config.task_folder import load_task
from harness.domain.judgement import TIE
from harness.domain.policy import JudgePolicy, Policy
from harness.domain.reading import Blind
from harness.domain.run import Side
from harness.domain.verdict import Status
from harness.errors import StoreError, WeighbridgeError
from harness.experiments.judge_gate import JudgeRequest, judge_gate
from harness.experiments.progress import Silent
from harness.experiments.reading_summary import reading_summary
from harness.experiments.replay import replay_gate
from harness.experiments.request import Places
from harness.experiments.review_gate import GateReview, review_gate
from harness.store.gate_folder import GateFolder
from harness.store.warehouse import query
from tests.fakes.openai_replies import FakeModel, Messages
from tests.fakes.openai_server import FakeServer
from tests.fakes.read_gates import Gate, accepting, kept

ITEMS = 60
GOOD, BAD = "a good reply", "bad, and much longer than any good reply would ever be"
CODE = """
from harness import Decoding, Score

SYSTEM = "Help."
DECODING = Decoding(max_tokens=16)


def ask(inputs):
    return f"What about {inputs['about']}?"


def score(item, reply):
    return Score(value=1.0)
"""


def _says(verdict: Callable[[str, str], str]) -> FakeModel:
    def reply(chat: Messages) -> str:
        shown = json.loads(chat[-1]["content"])
        assert shown["question"].startswith("What about i")
        return json.dumps({"verdict": verdict(shown["reply_a"], shown["reply_b"])})

    return FakeModel(reply=reply)


def _by(accepts: Callable[[str], bool]) -> Callable[[str, str], str]:
    names = {
        (True, True): "both",
        (True, False): "only-a",
        (False, True): "only-b",
        (False, False): "neither",
    }
    return lambda a, b: names[accepts(a), accepts(b)]


JUDGES = {
    "fair": _says(_by(lambda reply: reply == GOOD)),
    "first": _says(lambda _a, _b: "only-a"),
    "longer": _says(lambda a, b: "only-a" if len(a) > len(b) else "only-b" if len(b) > len(a) else "both"),
    "yes": _says(lambda _a, _b: "both"),
    "prose": FakeModel(reply=lambda _: "Both are <b>fine</b>\x1b[31m."),
}


@pytest.fixture(scope="module")
def court() -> Iterator[FakeServer]:
    with FakeServer(JUDGES) as server:
        yield server


@pytest.fixture
def task(tmp_path: Path) -> Path:
    folder = tmp_path / "helping"
    folder.mkdir()
    (folder / "task.py").write_text(CODE)
    (folder / "schema.json").write_text("{}")
    (folder / "rubric.md").write_text("Accept what helps.")
    rows = [{"id": f"i{n}", "cluster": f"c{n}", "inputs": {"about": f"i{n}"}} for n in range(ITEMS)]
    (folder / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "gold.jsonl").write_text('{"id": "g1", "inputs": {"about": "gold"}, "output": "1"}\n')
    return folder


def said(side: Side, item_id: str) -> str:
    """The candidate is bad on one item in three, and the baseline on another one."""
    return BAD if int(item_id[1:]) % 3 == (0 if side is Side.CANDIDATE else 1) else GOOD


@pytest.fixture
def gate(task: Path, tmp_path: Path, recorded: Callable[..., Gate]) -> GateFolder:
    policy = Policy(sequential=False, judge=JudgePolicy(margin=0.3, min_agreement=0.7))
    manifest, results = recorded({"helping": ([1.0] * ITEMS, [1.0] * ITEMS)}, policy=policy)
    digest = load_task(task).digest
    runs = tuple(dataclasses.replace(run, subject_digest=digest) for run in manifest.runs)
    return kept(tmp_path / "results", (dataclasses.replace(manifest, runs=runs), results), said)


def judged(gate: GateFolder, task: Path, court: FakeServer, judge: str) -> int:
    (task / "judge.toml").write_text(f'judge = "{court.checkpoint(judge)}"\nrubric = "rubric.md"\n')
    places = Places(results=gate.path.parents[1], cache=task.parent / "cache", tasks=task.parent)
    return judge_gate(JudgeRequest(gate=gate.path, tasks=(), places=places), Silent())


def read(gate: GateFolder, task: Path) -> None:
    review_gate(
        GateReview(
            gate=gate.path,
            reviewer="Ada",
            blind=Blind.PAIRS,
            items=55,
            rubric=None,
            tasks=(),
            tasks_dir=task.parent,
        ),
        accepting(GOOD),
    )


def test_a_fair_judge_is_asked_once_in_both_orders_counted_and_may_gate(
    gate: GateFolder, task: Path, court: FakeServer
) -> None:
    before = len(court.chats())
    assert judged(gate, task, court, "fair") == ITEMS
    # One item in three has the same reply twice, which has one order.
    assert len(court.chats()) - before == 2 * ITEMS - ITEMS // 3
    assert gate.verdict().status is Status.INCONCLUSIVE
    read(gate, task)
    assert gate.verdict().status is Status.PASSED
    assert replay_gate(gate.path).agrees
    asked = len(court.chats())
    assert judged(gate, task, court, "fair") == 0
    assert len(court.chats()) == asked
    row = reading_summary(gate).judge
    assert row is not None
    assert (row.items, row.inconsistent, row.failures, row.kappa) == (ITEMS, 0, 0, 1.0)
    assert row.prompt_tokens > 0
    assert row.low > 0.7
    said_of = gate.judgements()
    assert said_of is not None
    assert row.candidate == pytest.approx(fmean(each.candidate for each in said_of.judgements))
    assert row.baseline == pytest.approx(fmean(each.baseline for each in said_of.judgements))
    found = query(
        gate.path.parents[1] / "weighbridge.duckdb", "SELECT count(judged_candidate) FROM human_reads"
    )
    assert found.rows == ((55,),)


@pytest.mark.parametrize("judge", ["first", "longer", "yes", "prose"])
def test_a_biased_judge_fools_no_gate(judge: str, gate: GateFolder, task: Path, court: FakeServer) -> None:
    judged(gate, task, court, judge)
    read(gate, task)
    found = next(each for each in gate.verdict().verdicts if each.suite == "judged")
    assert found.role == "report"
    assert "which does not show 0.7 of both" in found.reason
    said_of = gate.judgements()
    assert said_of is not None
    ties = [each for each in said_of.judgements if each.candidate == each.baseline == TIE]
    assert len(ties) == {"first": ITEMS, "longer": 0, "yes": 0, "prose": ITEMS}[judge]
    assert {bool(each.failure) for each in said_of.judgements} == {judge == "prose"}


def test_a_gate_has_one_judge(gate: GateFolder, task: Path, court: FakeServer) -> None:
    judged(gate, task, court, "fair")
    with pytest.raises(StoreError, match="judge as before, or remove that file to judge anew"):
        judged(gate, task, court, "yes")
    (task / "rubric.md").write_text("Accept everything.")
    with pytest.raises(StoreError, match="judge as before"):
        judged(gate, task, court, "fair")


@pytest.mark.parametrize(
    ("judge", "sentence"),
    [
        (None, "judge.toml could not be read"),
        ("judge = 3", "judge is 3, but must be a text"),
        ('judge = "x"\nrubic = "y"', "unknown key 'rubic': use judge, rubric, key_variable"),
        ('judge = "x"', "has no rubric"),
        ('judge = "x"\nrubric = "../../secret"', "must lie in the task's folder"),
        ('judge = "x"\nrubric = "none.md"', "none.md could not be read"),
        (
            'judge = "http://127.0.0.1:9/v1#m"\nrubric = "rubric.md"\nkey_variable = "NO_SUCH"',
            "holds no API key",
        ),
    ],
)
def test_a_task_without_a_judge_that_can_be_asked_is_refused(
    judge: str | None, sentence: str, gate: GateFolder, task: Path
) -> None:
    if judge is not None:
        (task / "judge.toml").write_text(judge)
    places = Places(results=gate.path.parents[1], cache=task.parent / "cache", tasks=task.parent)
    with pytest.raises(WeighbridgeError, match=sentence):
        judge_gate(JudgeRequest(gate=gate.path, tasks=(), places=places), Silent())


def test_a_task_that_has_changed_since_is_not_judged_by_other_questions(
    gate: GateFolder, task: Path, court: FakeServer
) -> None:
    (task / "task.py").write_text(CODE + "\n# changed\n")
    with pytest.raises(WeighbridgeError, match="would not know the questions"):
        judged(gate, task, court, "fair")
