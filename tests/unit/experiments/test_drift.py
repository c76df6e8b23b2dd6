"""Looks at live inputs with an embedder of words, and what is kept of them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from harness.domain.drift import DriftReport, Remedy, Shift
from harness.errors import StoreError, TooFewItems, UsageError
from harness.experiments.drift import DriftRequest, Embedding, look
from harness.experiments.drift_record import drift_notices, keep_look, looks
from harness.experiments.progress import Tally
from harness.experiments.request import places
from tests.fakes.word_vectors import word_vectors
from training.example_rows import examples_digest, read_examples

_TODAY = date(2026, 11, 28)
_PLACES = ("shop", "school", "farm", "bank", "port", "mill")
_THINGS = ("apples", "pens", "cows", "coins", "boats", "sacks")


class Quiet:
    def say(self, stage: str) -> None: ...

    def count(self, done: int, total: int) -> None: ...

    def end(self) -> None: ...


def sums(start: int, count: int) -> list[str]:
    """Questions about places and things, each with numbers of its own."""
    return [
        f"The {_PLACES[n % 6]} has {n} {_THINGS[n // 6 % 6]} and buys {n * 7 % 100} more, how many are there?"
        for n in range(start, start + count)
    ]


def weather(count: int) -> list[str]:
    return [f"Forecast rain, wind and frost near station {n} tomorrow" for n in range(count)]


def written(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., DriftRequest]:
    """Makes a request: live texts against 500 sums, and whatever else is given."""

    def build(live: Sequence[str], *, trained: Sequence[str] = (), **fields: object) -> DriftRequest:
        rows = [{"instruction": text, "output": "1"} for text in trained or sums(0, 500)]
        plain: dict[str, object] = {
            "live": written(tmp_path / "live.jsonl", [{"prompt": text} for text in live]),
            "data": str(written(tmp_path / "train.jsonl", rows)),
            "places": places(tmp_path / "results"),
            "owner": "Ada",
        }
        return DriftRequest(**{**plain, **fields})  # type: ignore[arg-type]

    return build


def looked(request: DriftRequest, today: date = _TODAY) -> DriftReport:
    tally: Tally = Quiet()
    report, kept = look(request, Embedding(name="words", embed=word_vectors), today, tally)
    assert kept.is_file()
    return report


def test_other_inputs_are_told_and_shown_beside_the_nearest_known(
    asked: Callable[..., DriftRequest],
) -> None:
    report = looked(asked([*sums(600, 30), *weather(30)]))
    assert report.shift is Shift.SHIFTED
    assert report.recommendation.remedy is Remedy.RETRAIN
    assert report.inputs.far.count == 30
    assert all(each.text.startswith("Forecast") for each in report.inputs.strangest)
    trained = {each.id: each.question for each in read_examples(Path(asked([]).data))}
    assert all(trained[each.nearest_id] == each.nearest_text for each in report.inputs.strangest)


def test_inputs_like_those_trained_on_are_not_called_shifted(asked: Callable[..., DriftRequest]) -> None:
    report = looked(asked([*sums(500, 100), *sums(500, 20)]))
    assert report.shift is not Shift.SHIFTED
    assert (report.inputs.live, report.inputs.repeats, report.inputs.trained) == (100, 20, 500)
    assert report.inputs.power is not None


def test_the_order_of_the_files_changes_nothing(asked: Callable[..., DriftRequest]) -> None:
    live, trained = [*sums(600, 30), *weather(10)], sums(0, 200)
    one = looked(asked(live, trained=trained))
    other = looked(asked(live[::-1], trained=trained[::-1]))
    assert replace(one.inputs, strangest=()) == replace(other.inputs, strangest=())
    assert [each.text for each in one.inputs.strangest] == [each.text for each in other.inputs.strangest]


@pytest.mark.parametrize(
    ("live", "trained", "told"),
    [
        (sums(0, 29), sums(0, 100), "holds 29 distinct inputs: at least 30"),
        ([*sums(0, 20), *sums(0, 20)], sums(0, 100), "holds 20 distinct inputs"),
        (sums(0, 100), sums(0, 59), "holds 59 distinct inputs: at least 60"),
    ],
)
def test_too_few_inputs_are_refused_with_how_many_are_needed(
    live: Sequence[str], trained: Sequence[str], told: str, asked: Callable[..., DriftRequest]
) -> None:
    with pytest.raises(TooFewItems, match=told):
        looked(asked(live, trained=trained))


def test_the_certificate_names_owner_day_and_examples(
    asked: Callable[..., DriftRequest], trained: Callable[..., Path]
) -> None:
    request = asked([*sums(600, 30), *weather(30)], owner="")
    digest = examples_digest(read_examples(Path(request.data)))
    folder = trained("tuned", owner="Grace", data_digest=digest, created_at="2026-08-20T09:00:00+00:00")
    report = looked(replace(request, checkpoint=f"base+{folder}"))
    assert report.recommendation.owner == "Grace"
    assert report.recommendation.due == date(2026, 11, 18)
    other = trained("other", owner="Grace", data_digest="e" * 64)
    with pytest.raises(UsageError, match="trained on other examples"):
        looked(replace(request, checkpoint=str(other)))


def test_without_anybody_who_answers_nothing_is_read(asked: Callable[..., DriftRequest]) -> None:
    with pytest.raises(UsageError, match="--owner NAME"):
        looked(asked(sums(0, 40), owner=""))


def test_the_gold_pool_is_held_to_what_the_items_of_the_task_need(
    asked: Callable[..., DriftRequest],
) -> None:
    report = looked(asked(weather(60), task="tickets"))
    assert report.gold is not None
    assert report.gold.size > 0
    assert report.gold.far is not None
    assert report.gold.far.count == 60
    assert any("gold pool has holes" in reason for reason in report.recommendation.reasons)


def test_notices_are_of_the_latest_look_and_say_what_is_overdue(
    asked: Callable[..., DriftRequest], tmp_path: Path
) -> None:
    results = tmp_path / "results"
    assert drift_notices(results, _TODAY) == ()
    looked(asked(sums(500, 60)), _TODAY - timedelta(days=1))
    later = looked(asked([*sums(600, 30), *weather(30)]))
    (notice,) = drift_notices(results, _TODAY)
    assert "RETRAIN, training due 2026-12-12, Ada answers for it (looked at on 2026-11-28" in notice
    (notice,) = drift_notices(results, date(2027, 1, 1))
    assert "overdue since 2026-12-12" in notice
    assert list(looks(results))[-1] == later


def test_a_damaged_or_newer_look_is_one_sentence(asked: Callable[..., DriftRequest], tmp_path: Path) -> None:
    report = looked(asked(sums(500, 60)))
    path = keep_look(tmp_path / "results", report)
    path.write_text(path.read_text().replace('"format_version": 1', '"format_version": 9'))
    with pytest.raises(StoreError, match="format 9"):
        drift_notices(tmp_path / "results", _TODAY)
    path.write_text("{")
    with pytest.raises(StoreError, match="cannot be read"):
        drift_notices(tmp_path / "results", _TODAY)
