"""`weighbridge cost`: what rungs cost by the tokens that were measured."""

import json
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram
from tests.fakes.openai_server import FakeServer

PRICES = ("--price-in", 1, "--price-out", 10)


@pytest.fixture
def decided(server: FakeServer, weighbridge: RunProgram) -> Path:
    """The folder of a decision between a bad base and a good tuned model."""
    checkpoints = ("--base", server.checkpoint("bad"), "--tuned", server.checkpoint("good"))
    weighbridge("decide", *checkpoints, "--arms", "zero-shot,fewshot-2", "--task", "tickets", "--items", 40)
    (folder,) = Path("results/gates").iterdir()
    return folder


def test_every_rung_has_its_measured_tokens_and_the_frontier_is_marked(
    decided: Path, weighbridge: RunProgram
) -> None:
    done = weighbridge("cost", decided, *PRICES, "--training-cost", 4, "--json")
    answer = json.loads(done.out)
    assert (done.status, done.err) == (0, "")
    rows = {row["usage"]["name"]: row for row in answer["rows"]}
    assert list(rows) == [
        "base x zero-shot",
        "base x fewshot-2",
        "tuned x zero-shot",
        "tuned x fewshot-2",
    ]
    plain, shown = rows["base x zero-shot"]["usage"], rows["base x fewshot-2"]["usage"]
    assert plain["tokens_in"] < shown["tokens_in"]
    on_it = [name for name, row in rows.items() if not row["dominated_by"]]
    assert on_it == ["tuned x zero-shot"]
    assert answer["break_even"]["good_answers"] > 0


def test_the_table_says_what_counts_as_good_and_when_training_pays(
    decided: Path, weighbridge: RunProgram
) -> None:
    volume = ("--training-cost", 4, "--answers-per-day", 1000, "--retrain-every-days", 30)
    done = weighbridge("cost", decided, *PRICES, *volume, "--good", 1)
    assert done.status == 0
    assert "good: a score of 1 or more" in done.out
    assert "Break-even of tuned x zero-shot against base x " in done.out
    assert "before it is due again." in done.out
    assert "dominated by tuned x zero-shot" in done.out


def test_seconds_have_a_price_too(decided: Path, weighbridge: RunProgram) -> None:
    done = weighbridge("cost", decided, "--gpu-second-price", 0.001, "--json")
    answer = json.loads(done.out)
    assert done.status == 0
    assert all(row["answer"] == pytest.approx(0.001 * row["usage"]["seconds"]) for row in answer["rows"])
    assert "not known: give --training-cost" in answer["break_even"]["reason"]


def test_a_gate_has_costs_and_waits_as_well(results: Path, weighbridge: RunProgram) -> None:
    folder = next(path.parent for path in results.glob("gates/*/verdict.json"))
    answer = json.loads(weighbridge("cost", folder, *PRICES, "--json").out)
    assert {row["usage"]["name"] for row in answer["rows"]} == {
        "baseline x zero-shot",
        "candidate x zero-shot",
    }
    assert all(row["usage"]["wait_s"] > 0 for row in answer["rows"])


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ((), "no price was given"),
        ((*PRICES, "--good", 2), "--good is 2"),
        ((*PRICES, "--task", "fractions"), "asked about tickets"),
    ],
)
def test_what_cannot_be_priced_is_refused_in_a_sentence(
    more: tuple[object, ...], sentence: str, decided: Path, weighbridge: RunProgram
) -> None:
    done = weighbridge("cost", decided, *more)
    assert (done.status, done.out) == (2, "")
    assert sentence in done.complaint


def test_a_folder_that_holds_no_gate_is_refused(in_tmp: Path, weighbridge: RunProgram) -> None:
    done = weighbridge("cost", in_tmp, *PRICES)
    assert done.status == 2
    assert "manifest.json could not be read" in done.complaint
