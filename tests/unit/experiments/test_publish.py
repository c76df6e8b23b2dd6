from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.experiments.publish import card_text, parcel
from harness.gating.gate import decide
from reports.gate.record import GateRecord


@pytest.fixture
def record(recorded: Callable[..., tuple], tmp_path: Path) -> GateRecord:
    manifest, results = recorded({"sums": ([1.0] * 80, [0.0] * 80)}, gate_id="g-1")
    for name in ("manifest.json", "verdict.json"):
        (tmp_path / name).write_text(f"the {name} on record")
    return GateRecord(
        folder=str(tmp_path),
        manifest=manifest,
        verdict=decide(manifest, results.__getitem__),
        results=results,
        replayed=True,
    )


def test_a_parcel_holds_the_page_and_the_documents_on_record(record: GateRecord) -> None:
    sent = parcel(record, page="<html>", step=3)
    assert (sent.step, sent.figures.gate_id) == (3, "g-1")
    assert sent.files["report.html"] == "<html>"
    assert sent.files["verdict.json"] == "the verdict.json on record"
    assert sent.summary.startswith("### REGRESSED: ")
    assert sent.files["comment.md"].startswith(sent.summary)


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [({"verdict": None}, "has no verdict yet"), ({"replayed": False}, "give another verdict")],
)
def test_what_is_no_answer_is_not_published(
    spoilt: dict[str, object], sentence: str, record: GateRecord, tmp_path: Path
) -> None:
    other = replace(record, **spoilt)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=sentence):
        parcel(other, page="", step=0)
    with pytest.raises(UsageError, match=sentence):
        card_text(other, tmp_path / "README.md")


def test_a_new_card_calls_the_model_by_its_folder(record: GateRecord, tmp_path: Path) -> None:
    folder = tmp_path / "my-model"
    folder.mkdir()
    assert "- name: my-model" in card_text(record, folder / "README.md")
