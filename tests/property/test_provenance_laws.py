"""Items that were trained on are asked of nobody, and both sides are asked the same."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.domain.arm import parse_arm
from harness.domain.checkpoint import Checkpoint
from harness.domain.policy import ForgettingPolicy, OnContamination, PairedPolicy, Policy
from harness.domain.run import Side
from harness.domain.suite import MEASURED
from harness.domain.task import Probe, Task
from harness.experiments.members import Member
from harness.experiments.overlap import own_runs, trained_on
from harness.experiments.plan import Contest, Subjects, plan_runs
from harness.experiments.provenance import examined
from training.certificate import Certificate, write_certificate
from training.shingles import all_shingles

ITEMS = 60
POLICY = Policy(
    items=30,
    contamination=OnContamination.EXCLUDE,
    target_metric=PairedPolicy(margin=0.5),
    schema_validity=PairedPolicy(margin=0.5),
    forgetting=ForgettingPolicy(margin=0.5),
)
numbers = st.frozensets(st.integers(1, ITEMS), max_size=40)
run_sets = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3), st.frozensets(st.integers(0, 9), min_size=1)
)


def member(folder: Path, side: Side, items: frozenset[int], probed: frozenset[int]) -> Member:
    folder.mkdir()
    texts = [f"What is {number} + 1?" for number in items] + [f"Question {number}: yes" for number in probed]
    certificate = Certificate(
        created_at="",
        method="sft",
        base="base",
        base_digest="",
        quantization="none",
        prompt_arms={},
        task="sums",
        data_digest="",
        examples=len(texts),
        template_digest="",
        recipe={},
    )
    write_certificate(folder, certificate, all_shingles(texts))
    checkpoint = Checkpoint(label=str(side), digest=str(side), weights=folder)
    return Member(checkpoint=checkpoint, sides=(side,), arms=(parse_arm("zero-shot"),))


@settings(max_examples=25)
@given(one=numbers, other=numbers, probed=st.frozensets(st.integers(1, ITEMS), max_size=20))
def test_items_left_out_are_in_no_run_and_every_side_is_asked_the_same(
    a_task: Callable[..., Task],
    a_probe: Callable[..., Probe],
    one: frozenset[int],
    other: frozenset[int],
    probed: frozenset[int],
) -> None:
    subjects = Subjects(tasks=(a_task(items=ITEMS),), probes=(a_probe(items=ITEMS),))
    # Twenty are left at least, more than a margin of 50 points needs.
    learnt = frozenset(sorted(one | other)[:40])
    with tempfile.TemporaryDirectory() as folder:
        members = [
            member(Path(folder) / "one", Side.CANDIDATE, one & learnt, probed),
            member(Path(folder) / "other", Side.BASELINE, other & learnt, frozenset()),
        ]
        kept, found = examined(members, subjects, subjects.tasks, POLICY)
    candidate, baseline = (each.checkpoint for each in members)
    contest = Contest(candidate=candidate, baseline=baseline, arms=(parse_arm("zero-shot"),))
    runs = plan_runs(contest, kept, MEASURED, POLICY)
    gone = {overlap.subject: set(overlap.item_ids) for overlap in found.left_out}
    assert gone.get("sums", set()) == {f"i{number}" for number in learnt}
    assert gone.get("sciq", set()) == {f"p{number}" for number in probed}
    asked: dict[str, list[tuple[str, ...]]] = {}
    for run in runs:
        asked.setdefault(run.pair, []).append(run.item_ids)
        # A question that is timed twice is the same question.
        assert not {name.partition("~")[0] for name in run.item_ids} & gone.get(run.subject, set())
    assert all(len(sides) == 2 and sides[0] == sides[1] for sides in asked.values())


@given(runs=run_sets, sources=st.integers(1, 5))
def test_own_words_are_an_items_words_and_never_none(
    runs: Mapping[str, frozenset[int]], sources: int
) -> None:
    own = own_runs(runs, {name: str(place % sources) for place, name in enumerate(runs)})
    assert own.keys() == runs.keys()
    assert all(own[name] and own[name] <= runs[name] for name in runs)


@given(runs=run_sets, seen=st.frozensets(st.integers(0, 9)), more=st.frozensets(st.integers(0, 9)))
def test_who_was_trained_on_more_was_trained_on_no_fewer_items(
    runs: Mapping[str, frozenset[int]], seen: frozenset[int], more: frozenset[int]
) -> None:
    assert set(trained_on(runs, seen)) <= set(trained_on(runs, seen | more))
