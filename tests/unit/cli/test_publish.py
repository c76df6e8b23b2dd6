"""`weighbridge publish`: what it writes, and what it refuses to tell others."""

import sys
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram
from tests.unit.cli.test_verify import gate_with


def test_the_section_of_a_model_card_is_written_and_replaced(
    results: Path, weighbridge: RunProgram, in_tmp: Path
) -> None:
    card = in_tmp / "README.md"
    card.write_text("# My model\n\nWords of mine.\n")
    for status in ("REGRESSED", "PASSED"):
        done = weighbridge("publish", gate_with(results, status), "--card", card)
        assert (done.status, done.err) == (0, f"written: {card}\n")
        assert f"### {status}: " in card.read_text()
    assert "REGRESSED" not in card.read_text()
    assert "Words of mine." in card.read_text()


def test_nowhere_to_publish_to_is_said(results: Path, weighbridge: RunProgram) -> None:
    done = weighbridge("publish", gate_with(results, "PASSED"))
    assert (done.status, done.out) == (2, "")
    assert done.err == "weighbridge: nowhere to publish to: give --mlflow, --wandb or --card\n"


def test_an_unfinished_gate_is_not_published(results: Path, weighbridge: RunProgram, in_tmp: Path) -> None:
    gate = gate_with(results, "PASSED")
    (gate / "COMPLETE").unlink()
    done = weighbridge("publish", gate, "--card", in_tmp / "README.md")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "has no verdict yet" in done.err
    assert not (in_tmp / "README.md").exists()


def test_a_verdict_that_its_journals_belie_is_not_published(
    results: Path, weighbridge: RunProgram, in_tmp: Path
) -> None:
    gate = gate_with(results, "REGRESSED")
    verdict = gate / "verdict.json"
    verdict.write_text(verdict.read_text().replace("REGRESSED", "PASSED"))
    done = weighbridge("publish", gate, "--card", in_tmp / "README.md")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "give another verdict than the one on record" in done.err


def test_a_card_that_is_no_text_is_left_as_it_is(
    results: Path, weighbridge: RunProgram, in_tmp: Path
) -> None:
    (in_tmp / "README.md").write_bytes(b"\xff\xfe\x00")
    done = weighbridge("publish", gate_with(results, "PASSED"), "--card", in_tmp / "README.md")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert (in_tmp / "README.md").read_bytes() == b"\xff\xfe\x00"


@pytest.mark.parametrize("tracker", ["mlflow", "wandb"])
def test_a_tracker_that_is_not_installed_is_named_with_what_to_install(
    tracker: str, results: Path, weighbridge: RunProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, tracker, None)
    done = weighbridge("publish", gate_with(results, "PASSED"), f"--{tracker}", "somewhere")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert f"pip install weighbridge[{tracker}]" in done.err
