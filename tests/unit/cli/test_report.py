"""`weighbridge report`: a gate's folder in, files out; what cannot be shown is one sentence."""

import json
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram
from tests.unit.cli.test_verify import gate_with


def test_a_page_is_written_where_it_was_asked_for(
    results: Path, weighbridge: RunProgram, in_tmp: Path
) -> None:
    gate = gate_with(results, "REGRESSED")
    done = weighbridge("report", gate, "--html", in_tmp / "page.html")
    assert (done.status, done.out) == (0, f"written: {in_tmp / 'page.html'}\n")
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


def test_an_unfinished_gate_is_shown_as_unfinished(results: Path, weighbridge: RunProgram) -> None:
    gate = gate_with(results, "PASSED")
    (gate / "COMPLETE").unlink()
    done = weighbridge("report", gate, "--html", "-")
    assert done.status == 0
    assert "UNFINISHED" in done.out


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
