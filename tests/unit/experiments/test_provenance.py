"""What a gate makes of the certificates of those who take part, before a token is spent."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from harness.domain.arm import parse_arm
from harness.domain.checkpoint import Checkpoint, Endpoint
from harness.domain.policy import OnContamination, OnMismatch, Policy
from harness.domain.provenance import Contamination, Overlap, Provenance
from harness.domain.run import Side
from harness.domain.task import Probe, Task
from harness.errors import ContaminatedItems, UnlikeTraining
from harness.experiments.members import Member
from harness.experiments.plan import Subjects
from harness.experiments.provenance import examined

EXCLUDE = Policy(contamination=OnContamination.EXCLUDE)
REPORT = Policy(mismatch=OnMismatch.REPORT)
Trained = Callable[..., Path]


@pytest.fixture
def subjects(a_task: Callable[..., Task], a_probe: Callable[..., Probe]) -> Subjects:
    return Subjects(tasks=(a_task(items=6),), probes=(a_probe(items=5),))


def question(number: int) -> str:
    return f"What is {number} + 1?"


def member(
    folder: Path, *sides: Side, arms: Iterable[str] = ("zero-shot",), adapter: Path | None = None
) -> Member:
    checkpoint = Checkpoint(label=folder.name, digest=folder.name, weights=folder, adapter=adapter)
    return Member(checkpoint=checkpoint, sides=sides, arms=tuple(map(parse_arm, arms)))


def endpoint(name: str, side: Side) -> Member:
    where = Endpoint(url="http://localhost/v1", model=name)
    return Member(
        checkpoint=Checkpoint(label=name, digest=name, endpoint=where),
        sides=(side,),
        arms=(parse_arm("zero-shot"),),
    )


def ids(subjects: Subjects) -> tuple[list[str], list[str]]:
    return (
        [item.id for task in subjects.tasks for item in task.items],
        [item.id for probe in subjects.probes for item in probe.items],
    )


def test_a_clean_checkpoint_is_told_from_one_of_which_nothing_is_known(
    trained: Trained, tmp_path: Path, subjects: Subjects
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    kept, found = examined(
        [
            member(trained("clean"), Side.CANDIDATE),
            member(bare, Side.BASELINE),
            endpoint("far", Side.ANCHOR),
        ],
        subjects,
        subjects.tasks,
        Policy(),
    )
    assert kept == subjects
    assert [each.contamination for each in found.origins] == ["clean", "unknown", "unknown"]
    assert [each.data_digest for each in found.origins] == ["d" * 64, "", ""]
    assert found.left_out == ()


def test_adapters_and_folders_of_the_users_own_are_told_from_what_is_published(
    trained: Trained, subjects: Subjects
) -> None:
    folder = trained("own")
    own = Checkpoint(label=str(folder), digest="1", weights=folder)
    members = [
        Member(checkpoint=own, sides=(Side.CANDIDATE,), arms=()),
        member(folder, Side.BASELINE, adapter=folder),
        member(folder, Side.BASELINE),
        endpoint("far", Side.ANCHOR),
    ]
    _, found = examined(members, subjects, subjects.tasks, Policy())
    assert [each.is_tuned for each in found.origins] == [True, True, False, False]


@pytest.mark.parametrize("texts", [None, ()], ids=["no record", "an empty record"])
def test_a_certificate_without_a_record_of_its_prompts_leaves_contamination_unknown(
    texts: tuple[str, ...] | None, trained: Trained, subjects: Subjects
) -> None:
    _, found = examined([member(trained("mute", texts), Side.CANDIDATE)], subjects, subjects.tasks, Policy())
    assert [each.contamination for each in found.origins] == [Contamination.UNKNOWN]


@pytest.mark.parametrize("side", list(Side))
def test_items_that_any_side_was_trained_on_are_refused_in_one_sentence(
    side: Side, trained: Trained, subjects: Subjects
) -> None:
    learnt = trained("learnt", [question(2), question(5), "Question 3: yes"])
    others = [endpoint(f"the {other}", other) for other in Side if other is not side]
    with pytest.raises(ContaminatedItems) as caught:
        examined([*others, member(learnt, side)], subjects, subjects.tasks, Policy())
    assert str(caught.value) == (
        f"the {side} learnt was trained on 2 items of sums, first 'i2'; the {side} learnt was trained on 1 "
        "item of sciq, first 'p3': take them out of the training examples (weighbridge data decontaminate) "
        "and train again, or have a verdict on the other items with --contamination exclude (in a policy "
        'file contamination = "exclude")'
    )


def test_items_that_one_side_or_the_other_was_trained_on_are_left_out_for_both(
    trained: Trained, subjects: Subjects
) -> None:
    one = member(trained("one", [question(2), question(3)]), Side.CANDIDATE)
    other = member(trained("other", [question(3), question(6), "Question 1: yes"]), Side.BASELINE)
    kept, found = examined([one, other], subjects, subjects.tasks, EXCLUDE)
    assert ids(kept) == (["i1", "i4", "i5"], ["p2", "p3", "p4", "p5"])
    assert found.left_out == (
        Overlap(subject="sums", item_ids=("i2", "i3", "i6")),
        Overlap(subject="sciq", item_ids=("p1",)),
    )
    assert [each.contamination for each in found.origins] == [Contamination.FOUND, Contamination.FOUND]


def test_where_every_item_was_trained_on_nothing_is_left_to_ask(trained: Trained, subjects: Subjects) -> None:
    all_of_them = trained("all", [question(number) for number in range(1, 7)])
    with pytest.raises(ContaminatedItems, match=r"^all 6 items of sums were trained on and none is left"):
        examined([member(all_of_them, Side.CANDIDATE)], subjects, subjects.tasks, EXCLUDE)


def test_items_whose_replies_are_not_scored_may_have_been_trained_on(
    trained: Trained, subjects: Subjects
) -> None:
    learnt = member(trained("learnt", [question(2)]), Side.CANDIDATE)
    kept, found = examined([learnt], subjects, (), Policy())
    assert kept == subjects
    assert found.left_out == ()


def test_what_the_base_of_an_adapter_was_trained_on_counts_too(trained: Trained, subjects: Subjects) -> None:
    base, adapter = trained("base", [question(4)]), trained("adapter")
    with pytest.raises(ContaminatedItems, match=r"was trained on 1 item of sums, first 'i4'"):
        examined([member(base, Side.CANDIDATE, adapter=adapter)], subjects, subjects.tasks, Policy())


def test_an_endpoint_is_known_by_the_folder_that_is_named_for_it(
    trained: Trained, subjects: Subjects
) -> None:
    far = endpoint("far", Side.CANDIDATE)
    told = Member(checkpoint=far.checkpoint, sides=far.sides, arms=far.arms, told_by=trained("told"))
    _, found = examined([told], subjects, subjects.tasks, Policy())
    assert [each.contamination for each in found.origins] == [Contamination.CLEAN]


def test_a_checkpoint_that_is_asked_unlike_it_was_trained_is_refused_with_the_cure(
    trained: Trained, subjects: Subjects
) -> None:
    unlike = member(trained("zero"), Side.CANDIDATE, Side.BASELINE, arms=("zero-shot", "rag-3"))
    with pytest.raises(UnlikeTraining) as caught:
        examined([unlike], subjects, subjects.tasks, Policy())
    assert str(caught.value) == (
        "the candidate and baseline zero was trained on prompts unlike those served (training prompts were "
        "100 % zero-shot, and it is asked under rag-3): give rag-3 a share of 0.1 or more under prompt_arms "
        "in the recipe and train again, or ask under arms it was trained on; or measure all the same with "
        '--allow-mismatch (in a policy file mismatch = "report"), and every verdict will say so'
    )


def test_a_mismatch_that_may_be_measured_stands_in_the_provenance(
    trained: Trained, subjects: Subjects
) -> None:
    unlike = member(trained("zero"), Side.CANDIDATE, arms=("rag-3",))
    kept, found = examined([unlike], subjects, subjects.tasks, REPORT)
    assert kept == subjects
    assert [each.arms for origin in found.origins for each in origin.mismatches] == [("rag-3",)]


def test_nothing_is_known_where_nobody_takes_part(subjects: Subjects) -> None:
    assert examined([], subjects, subjects.tasks, Policy()) == (subjects, Provenance())
