"""What a policy that asks for reads makes of a gate."""

from collections.abc import Callable
from datetime import date

import pytest

from harness.domain.policy import Policy, ReadsPolicy, Waiver
from harness.domain.reading import Blind, Reading, Reads
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict, Status
from harness.gating.gate import decide
from tests.fakes.read_gates import Gate

Recorded = Callable[..., Gate]


def read(accepted: int, of: int, *, pair: str = "task.sums.zero-shot") -> Reads:
    said = [Reading(pair=pair, item_id=f"i{n}", candidate=n < accepted) for n in range(of)]
    return Reads(gate_id="20261122-abc", reviewer="Ada", blind=Blind.SINGLE, readings=tuple(said))


def decided(recorded: Recorded, *reads: Reads, items: int = 60, **policy: object) -> GateVerdict:
    demanded = {"sequential": False, "reads": ReadsPolicy(required=20, min_accepted=0.9)} | policy
    same = [float(number % 5 > 0) for number in range(items)]
    manifest, results = recorded({"sums": (same, same)}, policy=Policy(**demanded))  # type: ignore[arg-type]
    return decide(manifest, results.__getitem__, None, reads)


@pytest.mark.parametrize(
    ("accepted", "of", "status", "told"),
    [
        (20, 20, Status.PASSED, "people accepted 20 of 20 replies (1.000): shown to be"),
        (18, 20, Status.PASSED, "people accepted 18 of 20 replies (0.900)"),
        (17, 20, Status.REGRESSED, "fewer than the 0.9 that the policy asks for"),
        (0, 20, Status.REGRESSED, "people accepted 0 of 20 replies (0.000)"),
        (19, 19, Status.INCONCLUSIVE, "1 more read is needed, with weighbridge review"),
        (0, 19, Status.INCONCLUSIVE, "people accepted 0 of 19 replies"),
        (60, 60, Status.PASSED, "people accepted 60 of 60 replies"),
    ],
)
def test_reads_decide_by_number_and_by_share(
    accepted: int, of: int, status: Status, told: str, recorded: Recorded
) -> None:
    verdict = decided(recorded, read(accepted, of))
    *_, reads = verdict.verdicts
    assert (verdict.status, reads.suite, reads.status) == (status, Suite.HUMAN_READS, status)
    assert told in reads.reason


def test_readings_of_what_the_gate_never_recorded_count_for_nothing(recorded: Recorded) -> None:
    verdict = decided(recorded, read(20, 20, pair="task.other.zero-shot"))
    assert verdict.status is Status.INCONCLUSIVE
    assert "nobody has read a reply" in verdict.reason


def test_all_of_a_gate_that_is_smaller_than_the_demand_are_enough(recorded: Recorded) -> None:
    small = ReadsPolicy(required=500)
    assert decided(recorded, read(60, 60), reads=small).status is Status.PASSED
    assert decided(recorded, read(59, 59), reads=small).status is Status.INCONCLUSIVE


def test_reads_change_no_other_answer_and_without_a_demand_none_at_all(recorded: Recorded) -> None:
    plain = decided(recorded, reads=None)
    assert plain == decided(recorded, read(0, 60), reads=None)
    assert decided(recorded, read(0, 60)).verdicts[:-1] == plain.verdicts


def test_a_gate_without_replies_to_read_is_invalid(recorded: Recorded) -> None:
    manifest, results = recorded(
        {"probe": ([1.0] * 60, [1.0] * 60)}, suite=Suite.FORGETTING, policy=Policy(reads=ReadsPolicy())
    )
    verdict = decide(manifest, results.__getitem__)
    assert verdict.status is Status.INVALID
    assert "holds no reply that people could read" in verdict.reason


def test_a_waiver_may_cover_it(recorded: Recorded) -> None:
    waiver = Waiver(suite=Suite.HUMAN_READS, until=date(2027, 1, 1), reason="nobody has time")
    verdict = decided(recorded, waivers=(waiver,))
    assert verdict.status is Status.PASSED
    assert "nobody has time" in verdict.notes[-1]
