"""`weighbridge report`: a gate's folder in, files out; what cannot be shown is one sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram
from tests.unit.cli.test_verify import gate_with


def test_a_page_is_written_where_it_was_asked_for(
    results: Path, weighbridge: RunProgram, in_tmp: Path
) -> None:
    gate = gate_with(results, "REGRESSED")
    done = weighbridge("report", gate, "--html", in_tmp / "page.html")
    assert (done.status, done.out, done.err) == (0, "", f"written: {in_tmp / 'page.html'}\n")
    page = (in_tmp / "page.html").read_text()
    assert "REGRESSED" in page[page.index("<h1>") : page.index("</h1>")]
    assert "the journals gave this verdict to the last digit" in page


def test_without_an_option_the_page_is_named_after_the_gate(
    results: Path, weighbridge: RunProgram, in_tmp: Path
) -> None:
    gate = gate_with(results, "PASSED")
    before = sorted(gate.iterdir())
    assert weighbridge("report", gate).status == 0
    assert (in_tmp / f"weighbridge-{gate.name}.html").is_file()
    assert sorted(gate.iterdir()) == before


def test_in_ci_the_summary_grows_and_annotations_are_printed(
    results: Path, weighbridge: RunProgram, in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(in_tmp / "summary.md"))
    (in_tmp / "summary.md").write_text("before\n")
    done = weighbridge("report", gate_with(results, "REGRESSED"))
    lines = done.out.splitlines()
    assert done.status == 0
    assert lines[-1].startswith("::error title=weighbridge%3A REGRESSED::")
    assert all(line.startswith("::") for line in lines)
    assert (in_tmp / "summary.md").read_text().startswith("before\n### REGRESSED: ")


def test_every_form_is_written_at_once(results: Path, weighbridge: RunProgram, in_tmp: Path) -> None:
    names = {"md": "c.md", "json": "r.json", "junit": "j.xml", "badge": "b.svg"}
    options = [word for option, name in names.items() for word in (f"--{option}", in_tmp / name)]
    assert weighbridge("report", gate_with(results, "REGRESSED"), *options).status == 0
    said = json.loads((in_tmp / "r.json").read_text())
    assert (said["format_version"], said["status"], said["replayed"]) == (1, "REGRESSED", True)
    assert len(said["worst"]) > 5
    assert "<failure" in (in_tmp / "j.xml").read_text()
    assert "regressed" in (in_tmp / "b.svg").read_text()
    assert weighbridge("report", gate_with(results, "PASSED"), "--badge", in_tmp / "b.json").status == 0
    assert json.loads((in_tmp / "b.json").read_text())["message"] == "passed"


def test_a_device_stays_a_device(results: Path, weighbridge: RunProgram, in_tmp: Path) -> None:
    (in_tmp / "null").symlink_to("/dev/null")
    assert weighbridge("report", gate_with(results, "PASSED"), "--md", in_tmp / "null").status == 0
    assert (in_tmp / "null").is_symlink()


def test_questions_are_shown_in_words_where_the_task_is_the_one_asked(
    results: Path, weighbridge: RunProgram, task_copy: Callable[[str], Path]
) -> None:
    gate = gate_with(results, "REGRESSED")
    told = json.loads(weighbridge("report", gate, "--json", "-").out)
    assert all(card["question"] for card in told["worst"] if card["of"].startswith("tickets"))
    other = task_copy("mine")
    (other / "task.py").write_text((other / "task.py").read_text() + "# another content\n")
    again = json.loads(weighbridge("report", gate, "--tasks", other, "--json", "-").out)
    assert again["worst"] == told["worst"]


def test_a_task_that_is_none_is_refused(results: Path, weighbridge: RunProgram) -> None:
    done = weighbridge("report", gate_with(results, "PASSED"), "--tasks", "nothing")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "unknown task 'nothing'" in done.err


def test_a_journal_that_belies_its_verdict_is_told_of(results: Path, weighbridge: RunProgram) -> None:
    gate = gate_with(results, "REGRESSED")
    verdict = gate / "verdict.json"
    verdict.write_text(verdict.read_text().replace("REGRESSED", "PASSED"))
    assert "do not trust it" in weighbridge("report", gate, "--md", "-").out.replace("\\", "")


def test_a_place_that_cannot_be_written_is_one_sentence(results: Path, weighbridge: RunProgram) -> None:
    done = weighbridge("report", gate_with(results, "PASSED"), "--md", "/nowhere/at/all.md")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "could not be written" in done.err


def test_an_unfinished_gate_is_shown_as_unfinished(results: Path, weighbridge: RunProgram) -> None:
    gate = gate_with(results, "PASSED")
    (gate / "COMPLETE").unlink()
    done = weighbridge("report", gate, "--html", "-")
    assert done.status == 0
    assert "UNFINISHED" in done.out


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.mark.parametrize("version", [99, "x"])
def test_a_gate_of_a_newer_format_is_refused_with_what_to_do(
    version: object, results: Path, weighbridge: RunProgram
) -> None:
    gate = gate_with(results, "PASSED")
    manifest = json.loads((gate / "manifest.json").read_text())
    (gate / "manifest.json").write_text(json.dumps(manifest | {"format_version": version}))
    done = weighbridge("report", gate, "--html", "-")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "pip install -U weighbridge" in done.err


def test_a_folder_that_holds_no_gate_is_refused(in_tmp: Path, weighbridge: RunProgram) -> None:
    done = weighbridge("report", in_tmp)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "give the folder of a gate" in done.err
