"""Reading a gate from its folder to its verdict, whoever shows the cards."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.domain.policy import Policy, ReadsPolicy
from harness.domain.reading import Blind
from harness.domain.run import Side
from harness.domain.suite import Suite
from harness.domain.verdict import Status
from harness.errors import StoreError, UsageError, WeighbridgeError
from harness.experiments.gate_record import gate_record
from harness.experiments.reading_summary import reading_summary
from harness.experiments.replay import replay_gate
from harness.experiments.review_gate import GateReview, review_gate
from harness.store.gate_folder import GateFolder
from harness.store.reads import reads_path
from harness.store.warehouse import query
from reports.gate.page import gate_page
from reports.gate.questions import questions
from reports.review.desk import Desk
from reports.review.summary import summary_lines
from tests.fakes.read_gates import BASELINE_SAYS, CANDIDATE_SAYS, Gate, accepting, kept

Recorded = Callable[..., Gate]
POLICY = Policy(sequential=False, reads=ReadsPolicy(required=20, min_accepted=0.8))
BOTH = (CANDIDATE_SAYS, BASELINE_SAYS)


@pytest.fixture
def folder(tmp_path: Path, recorded: Recorded) -> GateFolder:
    """A gate of 80 items that has passed but for its reads; the sides differ on 16 of them."""
    baseline = [float(number % 5 > 0) for number in range(80)]
    return kept(tmp_path, recorded({"sums": (baseline, [1.0] * 80)}, policy=POLICY))


def asked(folder: GateFolder, **changed: object) -> GateReview:
    review = GateReview(
        gate=folder.path,
        reviewer="Ada",
        blind=Blind.PAIRS,
        items=20,
        rubric=None,
        tasks=(),
        tasks_dir=folder.path.parent,
    )
    return replace(review, **changed)  # type: ignore[arg-type]


def test_a_policy_that_asks_for_reads_is_not_passed_without_them(folder: GateFolder) -> None:
    verdict = folder.verdict()
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.reason == (
        "human-reads on replies: nobody has read a reply: not shown to be accepted by people at 0.8 or more "
        "over 20 reads; 20 more reads are needed, with weighbridge review"
    )
    assert [each.status for each in verdict.verdicts if each.suite is not Suite.HUMAN_READS] == [
        Status.PASSED
    ]


@pytest.mark.parametrize(
    ("good", "most", "status"),
    [
        (BOTH, 20, Status.PASSED),
        ((CANDIDATE_SAYS,), 20, Status.PASSED),
        ((BASELINE_SAYS,), 20, Status.REGRESSED),
        (BOTH, 19, Status.INCONCLUSIVE),
        ((), 19, Status.INCONCLUSIVE),
    ],
)
def test_what_people_said_decides_and_is_replayed(
    good: Sequence[str], most: int, status: Status, folder: GateFolder
) -> None:
    assert review_gate(asked(folder), accepting(*good, most=most)) is (most == 20)
    assert folder.verdict().status is status
    replay = replay_gate(folder.path)
    assert replay.agrees
    assert replay.replayed.status is status  # type: ignore[union-attr]


def test_a_reader_never_learns_whose_a_reply_is_and_it_is_kept_as_whose_it_was(folder: GateFolder) -> None:
    firsts: dict[str, tuple[str, ...]] = {}

    def look(name: str) -> Callable[[Desk], bool]:
        def read(desk: Desk) -> bool:
            firsts[name] = tuple(card.replies[0][1] for card in desk.cards)
            assert {label for card in desk.cards for label, _ in card.replies} == {"Reply A", "Reply B"}
            assert not any(card.source or card.tags for card in desk.cards)
            return accepting(CANDIDATE_SAYS)(desk)

        return read

    for name in ("Ada", "Grace"):
        review_gate(asked(folder, reviewer=name), look(name))
    assert set(firsts["Ada"]) == set(BOTH)
    assert firsts["Ada"] != firsts["Grace"]
    for reads in folder.reads():
        assert {(each.candidate, each.baseline) for each in reads.readings} == {(True, False)}
        assert {each.first for each in reads.readings} == {Side.CANDIDATE, Side.BASELINE}


def test_a_stopped_review_goes_on_and_a_larger_one_reads_the_same_and_more(folder: GateFolder) -> None:
    assert not review_gate(asked(folder), accepting(*BOTH, most=7))
    assert review_gate(asked(folder), accepting())
    (reads,) = folder.reads()
    assert [each.candidate for each in reads.readings] == [True] * 7 + [False] * 13
    review_gate(asked(folder, items=30), accepting(*BOTH))
    (more,) = folder.reads()
    assert more.readings[:20] == reads.readings
    assert len(more.readings) == 30


def test_the_report_of_a_gate_tells_what_was_read(folder: GateFolder) -> None:
    assert gate_record(folder.path, tasks=(), tasks_dir=folder.path).reading is None
    review_gate(asked(folder, reviewer="<b>"), accepting(*BOTH))
    record = gate_record(folder.path, tasks=(), tasks_dir=folder.path)
    assert record.replayed is True
    page = gate_page(record)
    assert "&lt;b&gt;: 20 items (pairs), 40 of 40 replies accepted, 3 s an item (median)." in page
    (reads,) = [each for each in questions(record) if each.suite is Suite.HUMAN_READS]
    assert (reads.status, reads.margin, reads.cells[0]) == ("PASSED", 0.0, "0.800")


def test_one_at_a_time_shows_the_candidate_alone(folder: GateFolder) -> None:
    def read(desk: Desk) -> bool:
        assert [card.replies for card in desk.cards] == [(("Reply", CANDIDATE_SAYS),)] * 20
        return accepting(CANDIDATE_SAYS)(desk)

    assert review_gate(asked(folder, blind=Blind.SINGLE), read)
    assert folder.verdict().status is Status.PASSED
    assert {each.baseline for each in folder.reads()[0].readings} == {None}
    with pytest.raises(StoreError, match="has begun to read this gate with --single"):
        review_gate(asked(folder), accepting())


def test_readers_are_counted_and_compared_and_land_in_the_database(folder: GateFolder) -> None:
    review_gate(asked(folder), accepting(*BOTH, seconds=4.0))
    review_gate(asked(folder, reviewer="<b>\x1b[31m"), accepting(CANDIDATE_SAYS, most=10))
    summary = reading_summary(folder)
    assert (summary.readable, summary.differing) == (80, 16)
    assert [(row.items, row.replies, row.accepted, row.seconds) for row in summary.readers] == [
        (10, 20, 10, 3.0),
        (20, 40, 40, 4.0),
    ]
    # A tie over the ten that both read is not accepted.
    assert [(row.side, row.read, row.accepted) for row in summary.sides] == [
        (Side.BASELINE, 20, 10),
        (Side.CANDIDATE, 20, 20),
    ]
    assert (summary.only_candidate, summary.only_baseline) == (10, 0)
    assert [(row.replies, row.agreed, row.kappa) for row in summary.pairs] == [(20, 10, 0.0)]
    told = "\n".join(summary_lines(summary))
    assert "Krippendorff's alpha" in told
    assert "\x1b" not in told
    found = query(
        folder.path.parents[1] / "weighbridge.duckdb",
        "SELECT reviewer, count(*), count(*) FILTER (candidate), median(seconds) FROM human_reads "
        "GROUP BY reviewer ORDER BY reviewer DESC",
    )
    assert found.rows == (("Ada", 20, 20, 4.0), ("<b>\x1b[31m", 10, 10, 3.0))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"reviewer": " "}, "name one with --reviewer"),
        ({"rubric": Path("nowhere.md")}, r"nowhere\.md could not be read"),
        ({"gate": Path("nowhere")}, "could not be read .* give the folder of a gate"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(
    changed: dict[str, object], sentence: str, folder: GateFolder
) -> None:
    with pytest.raises(WeighbridgeError, match=sentence):
        review_gate(asked(folder, **changed), accepting())
    assert folder.reads() == ()


def test_an_unfinished_gate_is_not_read(folder: GateFolder) -> None:
    (folder.path / "COMPLETE").unlink()
    with pytest.raises(StoreError, match="has no verdict yet: run the same gate again to finish it"):
        review_gate(asked(folder), accepting())


@pytest.mark.parametrize(("content", "sentence"), [(b"\xff\xfe", "is not UTF-8"), (b"x" * 60_000, "60000")])
def test_a_rubric_is_a_short_text(content: bytes, sentence: str, folder: GateFolder, tmp_path: Path) -> None:
    (tmp_path / "rubric.md").write_bytes(content)
    with pytest.raises(UsageError, match=sentence):
        review_gate(asked(folder, rubric=tmp_path / "rubric.md"), accepting())


def test_the_reads_of_another_gate_are_refused(folder: GateFolder) -> None:
    review_gate(asked(folder), accepting(*BOTH))
    path = reads_path(folder.path, "Ada")
    path.write_text(path.read_text().replace(folder.manifest.gate_id, "other-gate"))
    with pytest.raises(StoreError, match="is about gate 'other-gate'"):
        replay_gate(folder.path)


def test_a_verdict_that_forgets_what_people_said_is_not_verified(folder: GateFolder) -> None:
    before = (folder.path / "verdict.json").read_bytes()
    review_gate(asked(folder), accepting(BASELINE_SAYS))
    (folder.path / "verdict.json").write_bytes(before)
    assert not replay_gate(folder.path).agrees
