"""What a user sees of how checkpoints were trained: a refusal, or a verdict that says so."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram
from tests.fakes.openai_server import FakeServer
from tests.fakes.tickets import tickets

Trained = Callable[..., Path]
LEARNT = ("ticket-0003", "ticket-0005", "ticket-0012")


@pytest.fixture
def learnt(trained: Trained) -> Path:
    """The folder of an adapter that was trained on three of the items, among much else."""
    own = [tickets().ask(item.inputs) for item in tickets().items if item.id in LEARNT]
    return trained("learnt", [*own, "What else I bought here was fine, thank you"])


@pytest.fixture
def zero(trained: Trained) -> Path:
    """The folder of an adapter that was trained on zero-shot prompts alone."""
    return trained("zero")


@pytest.fixture
def gate(server: FakeServer, in_tmp: Path) -> Callable[..., tuple[object, ...]]:
    """Makes the arguments of a gate."""
    assert (in_tmp / "policy.toml").exists()

    def build(candidate: str, *more: object) -> tuple[object, ...]:
        both = ("--checkpoint", server.checkpoint(candidate), "--baseline", server.checkpoint("also-good"))
        suites = ("--suites", "target-metric,schema-validity")
        return ("gate", *both, "--tasks", "tickets", *suites, "--policy", "policy.toml", *more)

    return build


def test_a_gate_on_items_that_were_trained_on_is_refused_before_anything_is_asked(
    gate: Callable[..., tuple[object, ...]],
    learnt: Path,
    server: FakeServer,
    weighbridge: RunProgram,
    in_tmp: Path,
) -> None:
    done = weighbridge(*gate("good", "--certificate", learnt))
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        f"weighbridge: the candidate {server.checkpoint('good')} was trained on 3 items of tickets, first "
        "'ticket-0003': take them out of the training examples (weighbridge data decontaminate) and train "
        "again, or have a verdict on the other items with --contamination exclude (in a policy file "
        'contamination = "exclude")\n'
    )
    assert server.asked == ()
    assert not (in_tmp / "results").exists()


def test_the_verdict_on_the_other_items_says_so_and_replays_offline(
    gate: Callable[..., tuple[object, ...]], learnt: Path, server: FakeServer, weighbridge: RunProgram
) -> None:
    done = weighbridge(*gate("good", "--certificate", learnt, "--contamination", "exclude", "--json"))
    answer = json.loads(done.out)
    assert (done.status, answer["status"]) == (0, "PASSED")
    assert answer["notes"][0] == (
        "3 items of tickets, first 'ticket-0003', left out for all sides: trained on by the candidate "
        f"{server.checkpoint('good')}"
    )
    assert all(
        each["reason"].endswith("; without 3 items that were trained on") for each in answer["verdicts"]
    )
    manifest = json.loads((Path(answer["gate"]) / "manifest.json").read_text())
    assert manifest["provenance"]["left_out"] == [{"subject": "tickets", "item_ids": list(LEARNT)}]
    told = {tuple(each["sides"]): each["contamination"] for each in manifest["provenance"]["origins"]}
    assert told == {("candidate",): "found", ("baseline",): "unknown"}
    (own,) = {tuple(run["item_ids"]) for run in manifest["runs"]}
    assert not set(LEARNT) & set(own)
    learnt.rename(learnt.with_name("gone"))
    replay = weighbridge("verify", answer["gate"])
    assert (replay.status, replay.err) == (0, "")
    assert f"note: {answer['notes'][0]}" in replay.out


def test_too_few_items_that_were_not_trained_on_are_too_few(
    gate: Callable[..., tuple[object, ...]], trained: Trained, weighbridge: RunProgram
) -> None:
    items = tickets().items
    most = trained("most", [tickets().ask(item.inputs) for item in items[: len(items) - 20]])
    done = weighbridge(*gate("good", "--certificate", most, "--contamination", "exclude"))
    assert (done.status, done.out) == (2, "")
    assert "items cannot pass: a margin of 10 points needs at least 29" in done.complaint
    assert done.complaint.endswith("items had been trained on and left out")


def test_a_gate_under_an_arm_that_was_not_trained_is_refused_with_the_cure(
    gate: Callable[..., tuple[object, ...]], zero: Path, server: FakeServer, weighbridge: RunProgram
) -> None:
    done = weighbridge(*gate("good", "--certificate", zero, "--arms", "zero-shot,fewshot-2"))
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        f"weighbridge: the candidate {server.checkpoint('good')} was trained on prompts unlike those served "
        "(training prompts were 100 % zero-shot, and it is asked under fewshot-2): give fewshot-2 a share of "
        "0.1 or more under prompt_arms in the recipe and train again, or ask under arms it was trained on; "
        'or measure all the same with --allow-mismatch (in a policy file mismatch = "report"), and every '
        "verdict will say so\n"
    )
    assert server.asked == ()


@pytest.mark.parametrize(
    ("candidate", "status", "said"),
    [
        ("good", "PASSED", "; the candidate was trained on prompts unlike those served (training prompts"),
        (
            "bad",
            "REGRESSED",
            "; probable cause: the candidate was trained on prompts unlike those served (tr",
        ),
    ],
)
def test_a_mismatch_that_is_allowed_is_measured_and_said(  # noqa: PLR0913, PLR0917 - a table
    candidate: str,
    status: str,
    said: str,
    gate: Callable[..., tuple[object, ...]],
    zero: Path,
    weighbridge: RunProgram,
) -> None:
    arms = ("--arms", "zero-shot,fewshot-2")
    done = weighbridge(*gate(candidate, "--certificate", zero, *arms, "--allow-mismatch", "--json"))
    answer = json.loads(done.out)
    assert answer["status"] == status
    reasons = {(each["suite"], each["arm"]): each for each in answer["verdicts"]}
    assert said in reasons["target-metric", "fewshot-2"]["reason"]
    assert reasons["target-metric", "fewshot-2"]["mismatches"] == ["trained on prompts unlike those served"]
    assert "unlike" not in reasons["target-metric", "zero-shot"]["reason"]
    assert any("was trained on prompts unlike those served" in note for note in answer["notes"])
    assert weighbridge("verify", answer["gate"]).status == done.status


def test_a_certificate_of_its_own_makes_an_evaluation_known(
    server: FakeServer, learnt: Path, weighbridge: RunProgram
) -> None:
    score = ("eval", "--checkpoint", server.checkpoint("good"), "--tasks", "tickets", "--items", "40")
    refused = weighbridge(*score, "--certificate", learnt)
    assert (refused.status, refused.out) == (2, "")
    assert "was trained on 3 items of tickets" in refused.complaint
    done = weighbridge(*score, "--certificate", learnt, "--contamination", "exclude")
    assert done.status == 0
    assert "Note: 3 items of tickets, first 'ticket-0003', left out for all sides" in done.out
    assert "Note: contamination unknown for" in weighbridge(*score).out


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--merge-into", "4-bit"), "--merge-into is '4-bit': use as-trained, full, dequantised"),
        (("--contamination", "maybe"), '--contamination is \'maybe\', but must be "refuse" or "exclude"'),
        (("--certificate", "."), "holds no weighbridge-training.json: give the folder of the adapter"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_followed_is_refused_in_a_sentence(
    more: tuple[str, ...],
    sentence: str,
    gate: Callable[..., tuple[object, ...]],
    weighbridge: RunProgram,
) -> None:
    done = weighbridge(*gate("good", *more))
    assert (done.status, done.out) == (2, "")
    assert sentence in done.complaint
