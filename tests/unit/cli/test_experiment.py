"""`weighbridge experiment`: cells measured on the same items, compared, recorded, and gone on with."""

import json
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram
from tests.fakes.openai_server import FakeServer
from tests.fakes.tickets import PROBE

ITEMS = 20


def an_experiment(
    folder: Path,
    server: FakeServer,
    *,
    models: str = "good, bad",
    arms: str = "zero-shot, fewshot-1",
    more: str = "",
) -> Path:
    names = [server.checkpoint(name.strip()) for name in models.split(",")]
    path = folder / "who-knows.toml"
    path.write_text(
        'question = "Who knows?"\n'
        'task = "tickets"\n'
        f"items = {ITEMS}\n"
        f'reference = {{ checkpoint = "{names[0]}", arm = "zero-shot" }}\n'
        f"{more}\n[factors]\n"
        f"checkpoint = {json.dumps(names)}\n"
        f"arm = {json.dumps([arm.strip() for arm in arms.split(',')])}\n"
    )
    return path


def test_every_cell_is_measured_on_the_same_items_and_compared_with_the_reference(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    file = an_experiment(in_tmp, server)
    done = weighbridge("experiment", file, "--json")
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert report["coverage"] == "whole"
    assert [row["items"] for row in report["rows"]] == [ITEMS] * 4
    assert len({tuple(each["item_id"] for each in cell["items"]) for cell in report["measured"]}) == 1
    assert len(server.chats()) == 4 * ITEMS
    means = {
        (row["cell"]["checkpoint"].partition("#")[2], row["cell"]["arm"]): row["target"]
        for row in report["rows"]
    }
    assert means["good", "zero-shot"] == means["good", "fewshot-1"] == 1.0
    assert means["bad", "zero-shot"] < 1.0
    readings = [each["reading"] for each in report["differences"]]
    assert readings == ["not shown", "worse", "worse"]


def test_what_was_measured_is_never_asked_again(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    file = an_experiment(in_tmp, server)
    first = weighbridge("experiment", file, "--json")
    asked = len(server.asked)
    again = weighbridge("experiment", file, "--json")
    assert again.status == 0
    assert len(server.asked) - asked < ITEMS
    one, other = (json.loads(done.out) for done in (first, again))
    assert one["rows"] == other["rows"]
    assert one["measured"] == other["measured"]


def test_a_model_that_is_not_there_is_a_hole_and_the_rest_goes_on(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    file = an_experiment(in_tmp, server, models="good, nobody")
    done = weighbridge("experiment", file)
    assert done.status == 3
    assert "2 of 4 cells were measured; 2 are holes." in done.out
    assert "Hole: " in done.out
    assert "nobody" in done.out
    (page,) = (in_tmp / "results" / "experiments").glob("who-knows-*/report.md")
    assert "## Holes" in page.read_text()
    assert "Traceback" not in done.err


def test_a_cell_whose_requests_failed_is_a_hole_and_is_measured_by_the_next_run(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    file = an_experiment(in_tmp, server, arms="zero-shot")
    server.fail_next(ITEMS, status=400)
    failed = weighbridge("experiment", file, "--json")
    assert failed.status == 3
    (hole,) = json.loads(failed.out)["holes"]
    assert hole["reason"].startswith(f"{ITEMS} of {ITEMS} requests failed, the first with ")
    assert json.loads(failed.out)["differences"] == []
    asked = len(server.chats())
    done = weighbridge("experiment", file, "--json")
    assert done.status == 0
    assert len(json.loads(done.out)["differences"]) == 1
    assert len(server.chats()) == asked + ITEMS


def test_cells_can_be_listed_for_machines(server: FakeServer, weighbridge: RunProgram, in_tmp: Path) -> None:
    done = weighbridge("experiment", an_experiment(in_tmp, server, models="good"), "--check", "--json")
    assert json.loads(done.out) == [
        {"cell": "zero-shot", "role": "reference"},
        {"cell": "fewshot-1", "role": ""},
    ]


def test_training_data_that_nobody_has_read_is_taken_by_name_or_not_at_all(
    weighbridge: RunProgram, in_tmp: Path
) -> None:
    shipped = Path(__file__).parents[3] / "docs" / "experiments" / "dilution.toml"
    done = weighbridge("experiment", shipped)
    assert done.status == 2
    assert "trains 2 times on data that nobody has read" in done.complaint
    assert "--accept-unreviewed-by NAME" in done.complaint
    assert not (in_tmp / "results").exists()


def test_an_experiment_without_one_measured_cell_could_not_measure(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    done = weighbridge("experiment", an_experiment(in_tmp, server, models="nobody"))
    assert done.status == 2
    assert "None of 2 cells was measured." in done.out


def test_hostile_words_from_a_server_reach_neither_terminal_nor_page_as_they_came(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    done = weighbridge("experiment", an_experiment(in_tmp, server, models="chatty", arms="zero-shot"))
    assert done.status == 0
    (page,) = (in_tmp / "results" / "experiments").glob("who-knows-*/report.md")
    assert "\x1b" not in done.out + page.read_text()


def test_waiting_times_are_measured_where_they_are_asked_for(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    file = an_experiment(in_tmp, server, models="good", arms="zero-shot", more="waits = 6")
    done = weighbridge("experiment", file, "--json")
    assert done.status == 0, done.err
    (row,) = json.loads(done.out)["rows"]
    assert row["waits"] == 6
    assert 0 < row["ttft_s"] <= row["e2e_s"]


def test_probes_are_asked_once_a_model_and_compared_where_they_are_the_metric(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    more = f'metric = "probes"\nprobes = ["{PROBE}"]\nprobe_items = 30'
    file = an_experiment(in_tmp, server, arms="zero-shot", more=more)
    done = weighbridge("experiment", file, "--json")
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert [(row["items"], row["probes"] < 1.0) for row in report["rows"]] == [(30, False), (30, True)]
    assert [each["delta"] for each in report["differences"]] == [report["rows"][1]["probes"] - 1.0]


def test_decodings_share_a_gate(server: FakeServer, weighbridge: RunProgram, in_tmp: Path) -> None:
    file = an_experiment(in_tmp, server, models="good", arms="zero-shot")
    file.write_text(
        file.read_text().replace('arm = "zero-shot"', 'arm = "zero-shot", decoding = "task"')
        + 'decoding = ["task", "warm"]\n[decoding.warm]\ntemperature = 0.7\nconstrained = true\n'
    )
    done = weighbridge("experiment", file, "--json")
    assert done.status == 0, done.err
    assert len(list((in_tmp / "results" / "gates").iterdir())) == 1
    warm = [each.body for each in server.chats() if each.body["temperature"] == 0.7]
    assert len(warm) == ITEMS
    assert len(server.chats()) == 2 * ITEMS


def test_a_check_lists_the_cells_and_asks_nothing(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    done = weighbridge("experiment", an_experiment(in_tmp, server), "--check")
    assert done.status == 0
    assert "4 cells of up to 20 items, 0 trainings; nothing was begun" in done.out
    assert not server.asked
    assert not (in_tmp / "results").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("\narm =", "\narms ="), "unknown factor 'factors.arms': did you mean arm?"),
        (('task = "tickets"', 'task = "ticket"'), "unknown task 'ticket'"),
        (("items = 20", "items = 1"), "items is 1: "),
        (("items = 20", 'items = "many"'), "items is 'many': "),
        (("question =", "quest ="), "unknown key 'quest': did you mean question?"),
        (("items = 20", 'metric = "probes"'), 'metric is "probes", but none is asked'),
        (("items = 20", 'probes = ["trivia"]'), "probes names 'trivia': use "),
        (("[factors]", "[factors"), "is not TOML"),
        (('"fewshot-1"', '"fewshot"'), "unknown arm 'fewshot'"),
        (('"fewshot-1"', '"zero-shot"'), "factors.arm names 'zero-shot' twice"),
        (('["zero-shot", "fewshot-1"]', "[]"), "factors.arm is empty"),
    ],
)
def test_a_mistake_is_one_sentence_before_anything_runs(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path, change: tuple[str, str], said: str
) -> None:
    file = an_experiment(in_tmp, server)
    file.write_text(file.read_text().replace(*change))
    done = weighbridge("experiment", file)
    assert done.status == 2
    assert said in done.complaint
    assert "Traceback" not in done.err
    assert not server.asked
