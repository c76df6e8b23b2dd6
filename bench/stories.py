"""Questions that a small model answers at length, for a real server to be kept busy with."""

from bench.sums import CHECKPOINT
from harness import Decoding, Inputs, Item, Score
from harness.domain.arm import Arm, ArmKind
from harness.domain.run import Candidate, RunKind, RunSpec, Side
from harness.domain.task import Task
from harness.engine.schedule import reply_work
from harness.engine.work import ReplyWork

_SYSTEM = "You are a novelist. You write long chapters, and you never stop before the page is full."


def stories_work(count: int, *, tokens: int) -> tuple[ReplyWork, ...]:
    """Return the timed work of one run over `count` stories, each cut at `tokens`."""
    task = Task(
        name="stories",
        digest="c" * 64,
        system=_SYSTEM,
        items=tuple(_item(number) for number in range(count)),
        gold=(),
        schema={},
        ask=_ask,
        score=_score,
        decoding=Decoding(max_tokens=tokens),
    )
    run = RunSpec(
        id="stories",
        pair="stories",
        kind=RunKind.LATENCY,
        side=Side.CANDIDATE,
        candidate=Candidate(checkpoint=CHECKPOINT, arm=Arm(kind=ArmKind.ZERO_SHOT)),
        subject=task.name,
        subject_digest=task.digest,
        item_ids=tuple(item.id for item in task.items),
    )
    works = reply_work(run, task, timed=True, max_tokens=None)
    return tuple(work for work in works if isinstance(work, ReplyWork))


def _item(number: int) -> Item:
    return Item(id=f"story-{number}", cluster=f"story-{number}", inputs={"number": number}, reference=None)


def _ask(inputs: Inputs) -> str:
    return (
        f"Write chapter {inputs['number']} of a novel about a lighthouse keeper who mends clocks for the "
        "ships that pass. Tell what the sea is like, who comes ashore, and what is said at dinner."
    )


def _score(_item: Item, _reply: str) -> Score:
    return Score(value=1.0)
