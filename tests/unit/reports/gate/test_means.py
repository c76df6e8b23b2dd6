import pytest

from reports.gate.means import means, spent
from tests.unit.reports.gate.conftest import ITEMS, MakeRecord


def test_every_metric_and_part_of_every_run_has_a_mean_inside_its_interval(a_record: MakeRecord) -> None:
    found = {(mean.side, mean.metric, mean.part): mean for mean in means(a_record())}
    lost = len(range(0, ITEMS, 3))
    answer = found["candidate", "target", "answer"]
    assert answer.value == pytest.approx(1 - lost / ITEMS)
    assert answer.low is not None
    assert answer.high is not None
    assert 0 <= answer.low < answer.value < answer.high <= 1
    assert found["baseline", "target", ""].value == 1.0


def test_tokens_are_those_of_replies_and_failures_have_none(a_record: MakeRecord) -> None:
    baseline, candidate = spent(a_record())
    assert (baseline.replies, candidate.replies) == (ITEMS, ITEMS - 1)
    assert (candidate.prompt_tokens, candidate.completion_tokens) == (10.0, 2.0)


def test_a_mean_of_which_no_item_differs_is_still_not_certain(a_record: MakeRecord) -> None:
    found = {(mean.side, mean.metric): mean for mean in means(a_record()) if not mean.part}
    certain = found["baseline", "target"]
    assert certain.low is not None
    assert certain.low < certain.value == certain.high == 1.0
