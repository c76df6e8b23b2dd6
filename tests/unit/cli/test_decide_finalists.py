"""`weighbridge decide --finalists`: the other suites on the tuned rung and the best prompt."""

import json
from pathlib import Path

import pytest

from tests.fakes.fixtures import POLICY, Done, RunProgram
from tests.fakes.openai_server import FakeServer


class Decide:
    """Runs `weighbridge decide --finalists` on two of a server's models."""

    def __init__(self, server: FakeServer, run: RunProgram) -> None:
        self.server, self._run = server, run

    def __call__(self, base: str, tuned: str, *more: object) -> Done:
        return self._run(
            *("decide", "--base", self.server.checkpoint(base), "--tuned", self.server.checkpoint(tuned)),
            *("--arms", "zero-shot,fewshot-2", "--task", "tickets", "--policy", "policy.toml"),
            *("--gain", 20, "--margin", 20, "--finalists", *more),
        )


@pytest.fixture
def decide(server: FakeServer, weighbridge: RunProgram, in_tmp: Path) -> Decide:
    (in_tmp / "policy.toml").write_text(POLICY)
    return Decide(server, weighbridge)


def folders() -> tuple[Path, Path]:
    """The decision's folder, and that of its finalists' gate."""
    first, second = Path("results/gates").iterdir()
    return (first, second) if (first / "decision.json").is_file() else (second, first)


def test_training_that_passes_the_other_suites_keeps_its_place(
    decide: Decide, weighbridge: RunProgram
) -> None:
    done = decide("chatty", "good")
    assert (done.status, done.out.split()[0]) == (0, "TRAIN")
    assert "Finalists: tuned x zero-shot against base x zero-shot: PASSED." in done.out
    assert "forgetting on sciq: PASSED." in done.out
    assert "Next:" not in done.out
    decision, gate = folders()
    decide.server.close()
    assert weighbridge("verify", decision).out.startswith("verified: TRAIN.")
    assert weighbridge("verify", gate).status == 0


def test_a_finalist_that_forgot_is_not_trained_however_well_it_scores(
    decide: Decide, weighbridge: RunProgram
) -> None:
    done = decide("chatty", "forgetful", "--json")
    answer = json.loads(done.out)
    assert (done.status, answer["ruling"], answer["stands_on"]) == (1, "DO NOT TRAIN", None)
    assert (
        "has earned its place, but against base x zero-shot the other suites are REGRESSED"
        in answer["reason"]
    )
    assert answer["would_change"] == ["a fine-tuned checkpoint that passes forgetting on sciq as well"]
    found = {each["suite"]: each["status"] for each in answer["finals"]["verdicts"]}
    assert (found["schema-validity"], found["forgetting"]) == ("PASSED", "REGRESSED")
    done = weighbridge("verify", folders()[0])
    assert (done.status, done.err) == (1, "")


def test_a_gate_of_finalists_that_is_gone_or_of_others_is_refused(
    decide: Decide, weighbridge: RunProgram
) -> None:
    decide("chatty", "forgetful")
    decision, gate = folders()
    record = decision / "decision.json"
    kept = record.read_text()
    record.write_text(kept.replace(gate.name, decision.name))
    assert "did not ask forgetting" in weighbridge("verify", decision).complaint
    found = json.loads(kept)
    record.write_text(json.dumps({**found, "finals": None}))
    assert "holds nothing of them" in weighbridge("verify", decision).complaint
    record.write_text(kept)
    gate.rename(gate.with_name("elsewhere"))
    assert "could not be read" in weighbridge("verify", decision).complaint


def test_where_training_is_not_worth_it_nothing_else_is_asked(decide: Decide) -> None:
    assert decide("good", "also-good").status == 1
    (only,) = Path("results/gates").iterdir()
    assert json.loads((only / "decision.json").read_text())["finals"] is None


def test_what_the_other_suites_cannot_be_asked_of_is_told_before_a_token_is_spent(
    decide: Decide, in_tmp: Path
) -> None:
    (in_tmp / "policy.toml").write_text(POLICY.replace("sciq", "nothing"))
    done = decide("chatty", "good")
    assert (done.status, done.out) == (2, "")
    assert "unknown probe 'nothing'" in done.complaint
    assert not decide.server.asked
