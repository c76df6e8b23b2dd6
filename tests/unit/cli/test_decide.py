"""`weighbridge decide`: the factorial over HTTP, to a decision that verify comes to as well."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.fixtures import Done, RunProgram
from tests.fakes.openai_server import FakeServer
from tests.fakes.tickets import tickets


class Decide:
    """Runs `weighbridge decide` on two of a server's models, 60 items of tickets a cell."""

    def __init__(self, server: FakeServer, run: RunProgram) -> None:
        self.server, self._run = server, run

    def __call__(self, base: str, tuned: str, *more: object, arms: str = "zero-shot,fewshot-2") -> Done:
        checkpoints = ("--base", self.server.checkpoint(base), "--tuned", self.server.checkpoint(tuned))
        return self._run("decide", *checkpoints, "--arms", arms, "--task", "tickets", "--items", 60, *more)


@pytest.fixture
def decide(server: FakeServer, weighbridge: RunProgram) -> Decide:
    return Decide(server, weighbridge)


def only_folder() -> Path:
    (folder,) = Path("results/gates").iterdir()
    return folder


WIDE = ("--gain", 11, "--margin", 11)


def test_training_that_beats_every_prompt_earns_its_place_and_is_sent_to_the_gate(decide: Decide) -> None:
    done = decide("bad", "good", "--gain", 10, "--margin", 10)
    assert (done.status, done.out[:35]) == (0, "TRAIN  stand on tuned x zero-shot: ")
    assert "shown to beat each of 2 rungs without fine-tuning by more than 10 points" in done.out
    following = done.out.splitlines()[-1]
    assert following.startswith("Next:    weighbridge gate --checkpoint ")
    assert following.endswith("--tasks tickets --arms zero-shot --baseline-arm zero-shot")


def test_nothing_is_trained_where_the_cheapest_prompt_is_as_good(decide: Decide) -> None:
    done = decide("good", "also-good", *WIDE, "--json")
    answer = json.loads(done.out)
    assert (done.status, answer["ruling"]) == (1, "DO NOT TRAIN")
    assert answer["stands_on"] == {"holder": "base", "arm": "zero-shot"}
    assert [each["footing"] for each in answer["rungs"]] == ["good enough"] * 4
    assert {each["delta"] for each in answer["contrasts"]} == {0.0}


def test_what_too_few_items_cannot_tell_is_undecided_and_says_how_many_would(decide: Decide) -> None:
    done = decide("hazy", "hazy-too")
    assert (done.status, done.out.split()[0]) == (3, "INCONCLUSIVE")
    assert "more items would settle whether tuned x zero-shot gains more than 5 points" in done.out


def test_a_stronger_model_is_a_rung_below_training(decide: Decide) -> None:
    stronger = ("--stronger", decide.server.checkpoint("good"))
    answer = json.loads(decide("bad", "also-good", *stronger, *WIDE, "--json").out)
    holders = [each["rung"]["holder"] for each in answer["rungs"]]
    assert holders == ["base", "base", "stronger", "stronger", "tuned", "tuned"]
    assert (answer["ruling"], answer["stands_on"]["holder"]) == ("DO NOT TRAIN", "stronger")


def test_constrained_decoding_is_a_factor_of_its_own(decide: Decide) -> None:
    done = decide("bad", "good", "--json", arms="zero-shot,zero-shot-constrained")
    names = [each["name"] for each in json.loads(done.out)["contrasts"]]
    assert names[1] == "zero-shot-constrained in place of zero-shot, untrained"
    replies = [chat.body for chat in decide.server.chats() if chat.body["max_tokens"] > 1]
    assert sum("response_format" in body for body in replies) == len(replies) / 2 == 120


@pytest.mark.parametrize(("tuned", "ruling", "code"), [("good", "TRAIN", 0), ("bad", "DO NOT TRAIN", 1)])
def test_a_decision_is_verified_from_its_journals_offline(
    tuned: str, ruling: str, code: int, decide: Decide, weighbridge: RunProgram
) -> None:
    decide("slow-and-bad", tuned, "--gain", 10, "--margin", 10)
    decide.server.close()
    done = weighbridge("verify", only_folder())
    assert (done.status, done.err) == (code, "")
    assert done.out.startswith(f"verified: {ruling}. stand on ")


def test_a_decision_that_was_tampered_with_is_refused(decide: Decide, weighbridge: RunProgram) -> None:
    decide("good", "also-good", *WIDE)
    record = only_folder() / "decision.json"
    record.write_text(record.read_text().replace("DO NOT TRAIN", "TRAIN"))
    done = weighbridge("verify", only_folder())
    assert (done.status, done.out) == (2, "")
    assert "on record is TRAIN" in done.err
    assert "the journals give DO NOT TRAIN" in done.err


def test_a_cell_whose_requests_fail_makes_the_decision_invalid(decide: Decide) -> None:
    decide.server.fail_next(12, status=400)
    done = decide("bad", "good")
    assert (done.status, done.out.split()[0]) == (2, "INVALID")
    assert "got no reply for reasons that are not the model's" in done.out


def test_what_was_answered_before_a_server_died_is_kept(decide: Decide) -> None:
    decide.server.die_after(100)
    assert decide("bad", "good").status == 2
    kept = [line for path in only_folder().glob("journal-*.jsonl") for line in path.read_text().splitlines()]
    assert 0 < len(kept) < 240
    assert not (only_folder() / "decision.json").exists()


@pytest.mark.parametrize(
    ("arms", "more", "sentence"),
    [
        (
            "zero-shot",
            (),
            "a decision needs two arms that can be served and got zero-shot: add a prompted one",
        ),
        ("zero-shot,rag-9999", (), "arm rag-9999 needs 9999 gold examples and task tickets has "),
        ("zero-shot,nonsense", (), "unknown arm 'nonsense'"),
        ("zero-shot,rag-3", ("--gain", 2), "--gain is 2 points and --margin 5"),
        ("zero-shot,rag-3", ("--gain", 0), "--gain is 0 points: use from 0.5 to less than 100"),
        ("zero-shot,rag-3", ("--margin", 0.05), "--margin is 0.05 points: use from 0.5"),
        ("zero-shot,rag-3", ("--task", "tickets,fractions"), "a decision is about one task and got tickets"),
        ("zero-shot,rag-3", ("--task", "nonsense"), "nonsense"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_a_sentence(
    arms: str, more: tuple[object, ...], sentence: str, decide: Decide
) -> None:
    done = decide("bad", "good", *more, arms=arms)
    assert (done.status, done.out) == (2, "")
    assert sentence in done.complaint
    assert not decide.server.asked


def test_an_endpoint_may_be_told_how_it_was_trained(decide: Decide, trained: Callable[..., Path]) -> None:
    learnt = trained("learnt", [tickets().ask(tickets().items[3].inputs)])
    done = decide("bad", "good", "--certificate", learnt)
    assert (done.status, done.out) == (2, "")
    assert "was trained on 1 item of tickets" in done.complaint
    assert not decide.server.asked
    clean = trained("clean", prompt_arms={"zero-shot": 1.0})
    done = decide("bad", "good", "--certificate", clean, "--gain", 10, "--margin", 10)
    assert "training prompts were 100 % zero-shot, and it is asked under fewshot-2" in done.out
    assert done.out.splitlines()[-1].count(f"--certificate {clean}") == 1


@pytest.mark.parametrize("more", [(), ("--stronger",)], ids=["tuned", "stronger"])
def test_a_checkpoint_that_is_named_twice_is_refused(more: tuple[str, ...], decide: Decide) -> None:
    tuned = "good" if more else "bad"
    done = decide("bad", tuned, *((*more, decide.server.checkpoint("bad")) if more else ()))
    assert done.status == 2
    assert "are the same checkpoint" in done.complaint
