"""The real embedder on published questions: other questions are told, and two halves of one set are not."""

import json
from datetime import date
from pathlib import Path

import pytest

from harness.cli.app import app
from harness.domain.drift import DriftReport, Shift
from harness.experiments.data_files import counted_embedder
from harness.experiments.drift import DriftRequest, Embedding, look
from harness.experiments.request import Places, places
from reports.tally import shown_tally
from serving.embedder import minilm_name

pytestmark = pytest.mark.integration

_DATA = Path(__file__).parents[3] / "shared" / "data"
_GSM8K, _MISCONCEPTIONS = _DATA / "gsm8k" / "train.jsonl", _DATA / "math-misconceptions" / "data.json"
_LIVE, _TRAINED = 40, 80


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return places(tmp_path / "results")


@pytest.fixture
def questions() -> list[str]:
    if not _GSM8K.is_file():
        pytest.skip(f"{_GSM8K} is not here")
    lines = _GSM8K.read_text(encoding="utf-8").splitlines()[: _LIVE + _TRAINED]
    return [json.loads(line)["question"] for line in lines]


def looked(live: list[str], trained: list[str], where: Places, folder: Path) -> DriftReport:
    (folder / "live.jsonl").write_text("".join(json.dumps({"question": text}) + "\n" for text in live))
    rows = [{"instruction": text, "output": "1"} for text in trained]
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    request = DriftRequest(
        live=folder / "live.jsonl", data=str(folder / "train.jsonl"), places=where, owner="Ada"
    )
    tally = shown_tally()
    embedding = Embedding(name=minilm_name(where.cache), embed=counted_embedder(where, tally))
    return look(request, embedding, date(2026, 11, 28), tally)[0]


def test_two_halves_of_one_set_are_not_told_apart(
    questions: list[str], where: Places, tmp_path: Path
) -> None:
    report = looked(questions[:_LIVE], questions[_LIVE:], where, tmp_path)
    assert report.shift is not Shift.SHIFTED
    assert report.inputs.recognised_interval[0] < 0.5


def test_questions_of_another_set_are_told_and_the_strangest_shown(
    questions: list[str], where: Places, tmp_path: Path
) -> None:
    if not _MISCONCEPTIONS.is_file():
        pytest.skip(f"{_MISCONCEPTIONS} is not here")
    rows = json.loads(_MISCONCEPTIONS.read_text(encoding="utf-8"))
    other = list(dict.fromkeys(row["Question"] for row in rows if row["Question"]))[:_LIVE]
    report = looked(other, questions[:_TRAINED], where, tmp_path)
    assert report.shift is Shift.SHIFTED
    assert report.inputs.recognised > 0.9
    assert report.inputs.far.count > len(other) / 2
    assert {each.text for each in report.inputs.strangest} <= set(other)


def test_the_embedder_that_is_asked_for_is_the_one_that_looks(
    questions: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "live.jsonl").write_text(
        "".join(json.dumps({"question": q}) + "\n" for q in questions[:_LIVE])
    )
    rows = [{"instruction": question, "output": "1"} for question in questions[_LIVE:]]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    names = set[str]()
    for spelt in ("minilm", "minilm@64"):
        with pytest.raises(SystemExit):
            app(
                [
                    *("drift", str(tmp_path / "live.jsonl"), "--data", str(tmp_path / "train.jsonl")),
                    *("--owner", "Ada", "--embedder", spelt, "--results", str(tmp_path / spelt), "--json"),
                ]
            )
        names.add(json.loads(capsys.readouterr().out)["embedder"])
    assert len(names) == 2
    assert any("64" in name for name in names)
