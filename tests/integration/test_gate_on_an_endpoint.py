"""A whole gate over real HTTP against scripted models, from the command line to the disk."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.fakes.fixtures import Done, Finished, RunProgram, StartProgram
from tests.fakes.openai_server import Asked, FakeServer
from tests.fakes.tickets import good, tickets

pytestmark = pytest.mark.integration

TARGET = ("--suites", "target-metric")
SMALL_FILES = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384))"


def command(server: FakeServer, candidate: str, baseline: str, *more: object) -> tuple[object, ...]:
    return (
        "gate",
        *("--checkpoint", server.checkpoint(candidate), "--baseline", server.checkpoint(baseline)),
        *("--tasks", "tickets", "--policy", "policy.toml", *more),
    )


def the_gate(results: Path) -> Path:
    """The one gate in a results folder."""
    (found,) = (results / "gates").iterdir()
    return found


def rows(weighbridge: RunProgram, statement: str) -> list[dict[str, object]]:
    answer: list[dict[str, object]] = json.loads(weighbridge("results", "sql", statement, "--json").out)
    return answer


def repeated(asked: Sequence[Asked]) -> list[str]:
    """What was asked more than once."""
    counts = Counter(each.key for each in asked)
    return [key for key, count in counts.items() if count > 1]


def test_a_checkpoint_as_good_as_the_baseline_passes_all_four_suites(finished: Finished) -> None:
    assert (finished.passed.status, finished.passed.out.split()[0]) == (0, "PASSED")
    assert "all 3 gating questions passed" in finished.passed.out


def test_a_finished_gate_leaves_manifest_journals_verdict_and_completion_marker(finished: Finished) -> None:
    for gate in (finished.results / "gates").iterdir():
        assert sorted(path.name for path in gate.iterdir() if path.name != ".lock") == [
            "COMPLETE",
            "conditions-latency.tickets.zero-shot.jsonl",
            "journal-latency.tickets.zero-shot.baseline.jsonl",
            "journal-latency.tickets.zero-shot.candidate.jsonl",
            "journal-probe.sciq.zero-shot.baseline.jsonl",
            "journal-probe.sciq.zero-shot.candidate.jsonl",
            "journal-task.tickets.zero-shot.baseline.jsonl",
            "journal-task.tickets.zero-shot.candidate.jsonl",
            "manifest.json",
            "servers.json",
            "verdict.json",
        ]


def test_all_that_was_measured_stands_in_the_database(results: Path, weighbridge: RunProgram) -> None:
    counts = (
        "select status, kind, side, items_planned = items_recorded as whole, items_recorded as n "
        "from runs join gates using (gate_id) where complete order by all"
    )
    answer = weighbridge("results", "sql", counts, "--results", results, "--json")
    assert [tuple(row.values()) for row in json.loads(answer.out)] == [
        (status, kind, side, True, count)
        for status in ("PASSED", "REGRESSED")
        for kind, count in (("latency", 12), ("probe", 40), ("task", 60))
        for side in ("baseline", "candidate")
    ]
    suites = (
        "select v.suite, role, v.status from verdicts v join gates g using (gate_id) "
        "where g.status = 'PASSED' order by all"
    )
    answer = weighbridge("results", "sql", suites, "--results", results, "--json")
    assert [tuple(row.values()) for row in json.loads(answer.out)] == [
        ("forgetting", "gate", "PASSED"),
        ("latency", "report", "INCONCLUSIVE"),
        ("schema-validity", "gate", "PASSED"),
        ("target-metric", "gate", "PASSED"),
    ]


def test_every_question_is_asked_of_both_sides_once_and_warmed_up_before_it_is_timed(
    finished: Finished,
) -> None:
    chats = [each for each in finished.asked_until_passed if each.path == "/chat/completions"]
    asked = Counter((each.model, bool(each.body.get("stream"))) for each in chats)
    assert asked["good", False] == asked["also-good", False] == 60
    assert asked["good", True] == asked["also-good", True] > 12
    probes = [each for each in finished.asked_until_passed if "Answer:" in str(each.body.get("prompt"))]
    assert len(probes) == 2 * 40
    assert repeated((*chats, *probes)) == []


def test_a_worse_model_regresses_and_the_lost_items_are_named(finished: Finished) -> None:
    answer = json.loads(finished.regressed.out)
    assert (finished.regressed.status, answer["status"]) == (1, "REGRESSED")
    by_suite = {each["suite"]: each for each in answer["verdicts"]}
    assert {name: each["status"] for name, each in by_suite.items()} == {
        "target-metric": "REGRESSED",
        "schema-validity": "PASSED",
        "forgetting": "REGRESSED",
        "latency": "INCONCLUSIVE",
    }
    evidence = by_suite["target-metric"]["evidence"]
    assert len(evidence["lost"]) > 20
    assert evidence["delta"] == pytest.approx(-0.5 * len(evidence["lost"]) / 60)
    assert Path(answer["gate"]).parent == finished.results / "gates"


def test_prose_with_escape_codes_fails_the_schema_and_never_reaches_the_terminal(
    server: FakeServer, weighbridge: RunProgram
) -> None:
    done = weighbridge(*command(server, "chatty", "good", "--suites", "schema-validity"))
    assert (done.status, done.out.split()[0]) == (1, "REGRESSED")
    shown = weighbridge(
        "results", "sql", "select text from item_results where side = 'candidate' limit 1"
    ).out
    assert r"Sure!\u001b[31m The \u202eanswer\u0007 is below" in shown
    assert "\x1b" not in done.out + shown


def test_two_models_that_err_on_different_items_are_inconclusive(
    server: FakeServer, weighbridge: RunProgram
) -> None:
    done = weighbridge(*command(server, "hazy-too", "hazy", *TARGET))
    assert (done.status, done.out.split()[0]) == (3, "INCONCLUSIVE")
    assert "more items would settle it" in " ".join(done.out.split())


def test_too_few_items_are_refused_before_anything_is_asked(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    done = weighbridge(*command(server, "good", "good", "--items", "28"))
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "weighbridge: target-metric on tickets on 28 items cannot pass: a margin of 10 points needs at least "
        "29; ask for more items (--items 29) or widen the margin in the policy file\n"
    )
    assert server.asked == ()
    assert not (in_tmp / "results").exists()


def test_the_same_command_after_a_verdict_measures_anew(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    for _ in range(2):
        assert weighbridge(*command(server, "good", "good", *TARGET)).status == 0
    names = sorted(path.name[12:] for path in (in_tmp / "results" / "gates").iterdir())
    assert names == ["-1", "-2"]
    assert len(server.chats()) == 2 * 120


def test_a_baseline_under_an_arm_of_its_own_is_shown_other_prompts(
    server: FakeServer, weighbridge: RunProgram
) -> None:
    done = weighbridge(
        *command(server, "good", "also-good", *TARGET, "--arms", "fewshot-2", "--baseline-arm", "zero-shot")
    )
    assert done.status == 0
    turns = {each.model: len(each.body["messages"]) for each in server.chats()}
    assert turns == {"good": 6, "also-good": 2}


def test_items_that_were_trained_on_are_asked_of_neither_model(
    server: FakeServer, weighbridge: RunProgram, trained: Callable[..., Path]
) -> None:
    learnt = [tickets().ask(item.inputs) for item in tickets().items[:100]]
    told = ("--certificate", trained("told", learnt), "--contamination", "exclude")
    done = weighbridge(*command(server, "good", "also-good", *TARGET, *told))
    assert (done.status, done.out.split()[0]) == (0, "PASSED")
    asked = [(each.model, each.body["messages"][-1]["content"]) for each in server.chats()]
    one, other = ({text for model, text in asked if model == name} for name in ("good", "also-good"))
    assert one == other
    assert len(one) == 60
    assert not one & set(learnt)


def test_a_copied_task_is_a_task_of_its_own(
    server: FakeServer, weighbridge: RunProgram, task_copy: Callable[[str], Path]
) -> None:
    folder = task_copy("routing")
    done = weighbridge(*command(server, "good", "good", *TARGET, "--tasks", folder, "--json"))
    assert [each["subject"] for each in json.loads(done.out)["verdicts"]] == ["routing"]


def test_passing_failures_of_the_server_are_asked_again_and_leave_no_trace(
    server: FakeServer, weighbridge: RunProgram
) -> None:
    server.fail_next(3, status=503)
    assert weighbridge(*command(server, "good", "good", *TARGET)).status == 0
    assert len(server.chats()) == 120 + 3
    assert rows(weighbridge, "select count(*) as n from item_results where outcome = 'failure'") == [{"n": 0}]


def test_more_failed_requests_than_tolerated_are_invalid(server: FakeServer, weighbridge: RunProgram) -> None:
    server.fail_next(3, status=400)
    done = weighbridge(*command(server, "good", "good", *TARGET))
    assert (done.status, done.out.split()[0]) == (2, "INVALID")
    assert "3 of 120 requests got no reply for reasons that are not the model's" in " ".join(done.out.split())


def test_a_server_that_dies_on_the_way_ends_the_gate_and_none_of_its_silence_is_a_result(
    server: FakeServer, weighbridge: RunProgram
) -> None:
    server.die_after(60)
    done = weighbridge(*command(server, "good", "good", "--suites", "target-metric,schema-validity"))
    assert (done.status, done.out) == (2, "")
    assert f"the server at {server.root_url} no longer answers; what was answered is kept" in done.complaint
    assert weighbridge("results", "rebuild").status == 0
    (kept,) = rows(weighbridge, "select count(*) as n, count(failure_kind) as failures from item_results")
    assert kept["n"] > 0
    assert kept["failures"] == 0


def test_a_server_that_is_not_there_is_named_in_a_sentence(
    server: FakeServer, weighbridge: RunProgram
) -> None:
    server.close()
    done = weighbridge(*command(server, "good", "good", *TARGET))
    assert (done.status, done.out) == (2, "")
    assert done.complaint.startswith(
        f"weighbridge: {server.root_url}/v1 gave no log-probabilities for model 'good'"
    )
    assert "check the address and the name after '#'" in done.complaint


def test_an_endpoint_that_holds_another_model_than_before_is_refused(
    weighbridge: RunProgram, in_tmp: Path
) -> None:
    memory = in_tmp / "cache" / "fingerprints"
    with FakeServer({"good": good()}) as server:
        assert weighbridge(*command(server, "good", "good", *TARGET)).status == 0
        (remembered,) = memory.iterdir()
        remembered.write_text(json.dumps([p - 1 for p in json.loads(remembered.read_text())]))
        done = weighbridge(*command(server, "good", "good", *TARGET))
    assert done.status == 2
    assert "does not hold what" in done.complaint
    assert "differ by 1.00 nats a token" in done.complaint


def test_a_database_that_is_open_elsewhere_costs_no_measurement(
    server: FakeServer, weighbridge: RunProgram, in_tmp: Path
) -> None:
    (in_tmp / "results").mkdir()
    with closing(duckdb.connect(str(in_tmp / "results" / "weighbridge.duckdb"))):
        done = weighbridge(*command(server, "good", "good", *TARGET))
    gate = the_gate(in_tmp / "results")
    assert (done.status, done.out) == (2, "")
    assert "weighbridge.duckdb is open in another program: close that one and try again" in done.complaint
    assert done.complaint.endswith(f"and weighbridge verify {gate} gives its verdict")
    assert weighbridge("verify", gate).status == 0
    assert weighbridge("results", "rebuild").status == 0
    assert rows(weighbridge, "select status from gates") == [{"status": "PASSED"}]


def test_a_gate_that_another_process_is_measuring_is_left_alone(
    server: FakeServer, weighbridge: RunProgram, start: StartProgram
) -> None:
    both = command(server, "slow", "slow-and-bad", *TARGET, "--concurrency", "2")
    start(*both)
    server.wait_for_chats(4)
    done = weighbridge(*both)
    assert (done.status, done.out) == (2, "")
    assert "is being written by another weighbridge process: wait for it to end" in done.complaint


def test_a_full_disk_is_a_sentence_and_the_same_command_goes_on(
    server: FakeServer, weighbridge: RunProgram, start: StartProgram, in_tmp: Path
) -> None:
    process = start(*command(server, "good", "good", *TARGET), before=SMALL_FILES)
    out, err = process.communicate(timeout=60)
    stopped = Done(status=process.returncode, out=out, err=err)
    assert (stopped.status, stopped.out) == (2, "")
    assert "could not be written (File too large): the results so far are kept" in stopped.complaint
    assert "Traceback" not in stopped.err
    done = weighbridge(*command(server, "good", "good", *TARGET))
    assert (done.status, done.out.split()[0]) == (0, "PASSED")
    assert "items were answered before" in done.out
    assert weighbridge("verify", the_gate(in_tmp / "results")).status == 0


def test_a_killed_gate_goes_on_where_it_stopped_and_gives_the_verdict_of_an_unbroken_one(
    server: FakeServer, weighbridge: RunProgram, start: StartProgram, in_tmp: Path
) -> None:
    in_flight = 4
    suites = ("--suites", "target-metric,schema-validity", "--concurrency", in_flight)
    process = start(*command(server, "slow-and-bad", "slow", *suites))
    server.wait_for_chats(50)
    process.kill()
    process.communicate()
    cut = the_gate(in_tmp / "results")
    assert not (cut / "COMPLETE").exists()
    done = weighbridge(*command(server, "slow-and-bad", "slow", *suites))
    assert done.status == 1
    assert "items were answered before" in done.out
    assert len(repeated(server.chats())) <= in_flight
    assert len({each.key for each in server.chats()}) == 2 * 60

    weighbridge(*command(server, "slow-and-bad", "slow", *suites, "--results", "unbroken"))
    unbroken = in_tmp / "unbroken" / "gates" / cut.name
    assert (cut / "verdict.json").read_bytes() == (unbroken / "verdict.json").read_bytes()
    assert weighbridge("verify", cut).status == 1
