"""`weighbridge gate`: an anchor besides the baseline, a waiver, another temperature."""

import json
from pathlib import Path

import pytest

from tests.fakes.fixtures import POLICY, RunProgram
from tests.fakes.openai_server import FakeServer

WAIVER = """
[[waiver]]
suite = "target-metric"
subject = "tickets"
until = {until}
reason = "mended by the next mix"
"""


@pytest.fixture
def gate(server: FakeServer, in_tmp: Path) -> tuple[object, ...]:
    """A checkpoint that is as bad as its baseline, with a policy that a test may add to."""
    (in_tmp / "policy.toml").write_text(POLICY.replace("margin = 0.1", "margin = 0.3"))
    return (
        *("gate", "--checkpoint", server.checkpoint("bad"), "--baseline", server.checkpoint("slow-and-bad")),
        *("--tasks", "tickets", "--suites", "target-metric,schema-validity", "--policy", "policy.toml"),
    )


def waive(folder: Path, until: str) -> None:
    with (folder / "policy.toml").open("a") as policy:
        policy.write(WAIVER.format(until=until))


def test_what_passes_against_the_baseline_can_regress_against_the_anchor(
    gate: tuple[object, ...], server: FakeServer, weighbridge: RunProgram
) -> None:
    done = weighbridge(*gate, "--anchor", server.checkpoint("good"), "--json")
    answer = json.loads(done.out)
    assert (done.status, answer["status"]) == (1, "REGRESSED")
    found = {(each["suite"], each["against"]): each["status"] for each in answer["verdicts"]}
    assert found == {
        ("target-metric", "baseline"): "PASSED",
        ("target-metric", "anchor"): "REGRESSED",
        ("schema-validity", "baseline"): "PASSED",
        ("schema-validity", "anchor"): "PASSED",
    }
    statement = "select against, status from verdicts where suite = 'target-metric' order by against"
    assert json.loads(weighbridge("results", "sql", statement, "--json").out) == [
        {"against": "anchor", "status": "REGRESSED"},
        {"against": "baseline", "status": "PASSED"},
    ]


def test_the_option_takes_the_place_of_the_anchor_in_the_policy_file(
    gate: tuple[object, ...], server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    written = (in_tmp / "policy.toml").read_text()
    (in_tmp / "policy.toml").write_text(f'anchor = "nonsense"\n{written}')
    assert "unknown checkpoint 'nonsense'" in weighbridge(*gate).err
    assert weighbridge(*gate, "--anchor", server.checkpoint("slow-and-bad")).status == 0


def test_a_waived_regression_does_not_stop_a_release_and_is_shown_with_its_day_and_reason(
    gate: tuple[object, ...], server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    waive(in_tmp, "2999-12-31")
    done = weighbridge(*gate, "--anchor", server.checkpoint("good"))
    assert (done.status, done.out.split()[0]) == (0, "PASSED")
    unknown, note = [line for line in done.out.splitlines() if line.startswith("Note: ")]
    assert unknown.startswith("Note: contamination unknown for ")
    assert note.endswith(
        "against the anchor is REGRESSED and waived until 2999-12-31: mended by the next mix"
    )
    assert "against the anchor: REGRESSED (waived until 2999-12-31). " in done.out
    (folder,) = (in_tmp / "results" / "gates").iterdir()
    verified = weighbridge("verify", folder)
    assert (verified.status, verified.out.splitlines()[2]) == (0, note.replace("Note:", "note:"))
    statement = "select waived_until, waiver_reason from verdicts where waived_until is not null"
    assert json.loads(weighbridge("results", "sql", statement, "--json").out) == [
        {"waived_until": "2999-12-31", "waiver_reason": "mended by the next mix"}
    ]


def test_a_waiver_in_json_carries_its_day_as_iso_8601(
    gate: tuple[object, ...], server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    waive(in_tmp, "2999-12-31")
    answer = json.loads(weighbridge(*gate, "--anchor", server.checkpoint("good"), "--json").out)
    assert [each["waiver"] for each in answer["verdicts"] if each["waiver"]] == [
        {
            "suite": "target-metric",
            "until": "2999-12-31",
            "reason": "mended by the next mix",
            "subject": "tickets",
            "arm": "",
        }
    ]
    assert [note for note in answer["notes"] if "waived until 2999-12-31" in note] == answer["notes"][1:]


def test_a_waiver_that_ran_out_excuses_nothing_and_says_so(
    gate: tuple[object, ...], server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    waive(in_tmp, "2020-12-31")
    done = weighbridge(*gate, "--anchor", server.checkpoint("good"))
    assert (done.status, done.out.split()[0]) == (1, "REGRESSED")
    assert "Note: the waiver for target-metric ran out on 2020-12-31 and no longer counts" in done.out


@pytest.mark.parametrize(
    ("option", "asked"), [((), {0.0}), (("--temperature", "0.7"), {0.7})], ids=["as written", "given"]
)
def test_replies_are_sampled_at_the_temperature_that_was_asked_for(
    option: tuple[str, ...],
    asked: set[float],
    gate: tuple[object, ...],
    server: FakeServer,
    weighbridge: RunProgram,
) -> None:
    assert weighbridge(*gate, "--items", "40", *option).status == 0
    assert {each.body["temperature"] for each in server.chats() if each.body["max_tokens"] > 1} == asked


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (("--anchor", ""), "--anchor is '', but must be the name of a checkpoint"),
        (("--anchor", "nonsense"), "unknown checkpoint 'nonsense'"),
        (
            ("--temperature", "2.5"),
            "--temperature is 2.5, but must be a number from 0, which is greedy, to 2",
        ),
        (("--temperature", "nan"), "--temperature is nan, but must be a number from 0"),
    ],
    ids=" ".join,
)
def test_an_option_that_cannot_be_followed_is_refused_in_a_sentence(
    option: tuple[str, ...], sentence: str, gate: tuple[object, ...], weighbridge: RunProgram
) -> None:
    done = weighbridge(*gate, *option)
    assert (done.status, done.out) == (2, "")
    assert done.complaint.startswith("weighbridge: ")
    assert sentence in done.complaint
