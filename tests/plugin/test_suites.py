"""`pytest suites/` as a user runs it, in a process of its own, against scripted models."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.fixtures import POLICY
from tests.fakes.openai_server import FakeServer
from tests.fakes.tickets import REPOSITORY, tickets

SUITES = REPOSITORY / "suites"
PASSING = """
import pytest

@pytest.mark.gate_suite("schema-validity")
def test_replies_are_machine_readable(gate_verdict):
    assert gate_verdict.accepted, gate_verdict.reason
"""


@pytest.fixture
def weigh(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Runs pytest on the suites, or on other files, with options of the gate."""
    monkeypatch.setenv("WEIGHBRIDGE_CACHE", str(pytester.path / "cache"))
    (pytester.path / "policy.toml").write_text(POLICY)

    def run(*more: str, on: Path = SUITES) -> pytest.RunResult:
        # Hypothesis takes a second to load and no suite uses it.
        options = ("-p", "no:hypothesispytest", "--tasks=tickets", "--policy=policy.toml")
        return pytester.runpytest_subprocess(on, *options, f"--results={pytester.path / 'results'}", *more)

    return run


def contest(server: FakeServer, candidate: str, baseline: str) -> tuple[str, str]:
    return f"--checkpoint={server.checkpoint(candidate)}", f"--baseline={server.checkpoint(baseline)}"


def properties(report: Path) -> list[dict[str, str]]:
    """The properties of each test in a JUnit report, in order."""
    cases = report.read_text().split("<testcase ")[1:]
    return [dict(re.findall(r'<property name="(\w+)" value="([^"]*)"', case)) for case in cases]


def named(report: Path) -> list[dict[str, Any]]:
    """The properties of each test in a JUnit report, and the two parts of its name."""
    names = re.findall(r'<testcase [^>]*?name="(\w+)\[([^]]*)\]"', report.read_text())
    return [{"name": name, **found} for name, found in zip(names, properties(report), strict=True)]


def test_a_checkpoint_against_itself_passes_the_four_suites_and_says_so_to_junit(
    weigh: Callable[..., pytest.RunResult],
    server: FakeServer,
    pytester: pytest.Pytester,
) -> None:
    report = pytester.path / "report.xml"
    done = weigh(*contest(server, "good", "good"), f"--junitxml={report}")
    done.assert_outcomes(passed=4)
    assert done.ret == 0
    done.stdout.fnmatch_lines(
        [
            "*= weighbridge: PASSED =*",
            "all 3 gating questions passed",
            "PASSED       target-metric on tickets x zero-shot: 1.000 against 1.000 on 60 items*",
            "PASSED       schema-validity on tickets x zero-shot: 1.000 against 1.000 on 60 items*",
            "PASSED       forgetting on sciq: 1.000 against 1.000 on 40 items*",
            "INCONCLUSIVE latency on tickets x zero-shot: *500 pairs are needed*",
            "replay with: weighbridge verify *",
        ]
    )
    forgetting, latency, schema, target = properties(report)
    assert [each["weighbridge_status"] for each in (forgetting, latency, schema, target)] == [
        "PASSED",
        "INCONCLUSIVE",
        "PASSED",
        "PASSED",
    ]
    assert target["weighbridge_reason"].endswith("shown to be no more than 10 points worse")
    assert (target["weighbridge_n"], target["weighbridge_delta"], target["weighbridge_interval"]) == (
        "60",
        "0.0",
        "[0.0, 0.0]",
    )
    assert (Path(target["weighbridge_gate"]) / "COMPLETE").exists()


def test_a_policy_that_asks_for_reads_fails_the_build_until_somebody_has_read(
    weigh: Callable[..., pytest.RunResult], server: FakeServer, pytester: pytest.Pytester
) -> None:
    (pytester.path / "policy.toml").write_text(f"{POLICY}\n[reads]\nrequired = 20\n")
    done = weigh(*contest(server, "good", "good"), "-k", "schema or reads")
    done.assert_outcomes(passed=1, failed=1, deselected=3)
    done.stdout.fnmatch_lines(
        [
            "E * INCONCLUSIVE: nobody has read a reply: *; 20 more reads are needed, *",
            "*= weighbridge: INCONCLUSIVE =*",
            "FAILED *test_human_reads*replies*",
        ]
    )


def test_a_worse_model_fails_the_suites_it_regressed_on_and_no_other(
    weigh: Callable[..., pytest.RunResult], server: FakeServer
) -> None:
    done = weigh(*contest(server, "bad", "good"), "-k", "target or schema", "--items=40")
    done.assert_outcomes(passed=1, failed=1, deselected=2)
    assert done.ret == 1
    done.stdout.fnmatch_lines(
        [
            "E * REGRESSED: * on 40 items, *: worse than the baseline *",
            "*= weighbridge: REGRESSED =*",
            "REGRESSED    target-metric on tickets x zero-shot: *",
            "PASSED       schema-validity on tickets x zero-shot: *",
            "FAILED *test_target_metric*tickets-zero-shot*",
        ]
    )
    done.stdout.no_fnmatch_line("*forgetting on*")
    assert not any("echo" in each.body and len(each.body["prompt"]) == 4 for each in server.asked)
    assert not any(each.body.get("stream") for each in server.asked)


@pytest.mark.parametrize(
    ("accepted", "failing", "passed", "status"),
    [
        ("false", 0, 0, "INCONCLUSIVE"),
        ("true", 0, 1, "INCONCLUSIVE"),
        ("true", 3, 0, "INVALID"),
    ],
)
def test_no_answer_passes_only_where_the_policy_accepts_it_and_a_failed_measurement_never_does(  # noqa: PLR0913, PLR0917 - a table
    accepted: str,
    failing: int,
    passed: int,
    status: str,
    weigh: Callable[..., pytest.RunResult],
    server: FakeServer,
    pytester: pytest.Pytester,
) -> None:
    (pytester.path / "policy.toml").write_text(f"accept_inconclusive = {accepted}\n{POLICY}")
    server.fail_next(failing, status=400)
    done = weigh(*contest(server, "hazy-too", "hazy"), "--tasks=tickets", "-k", "target")
    done.assert_outcomes(passed=passed, failed=1 - passed, deselected=3)
    assert done.ret == 1 - passed
    done.stdout.fnmatch_lines(
        [f"*= weighbridge: {status} =*", f"{status:12} target-metric on tickets x zero-shot: *"]
    )


POOLED = """
[target_metric]
margin = 0.3
[schema_validity]
margin = 0.1
[forgetting]
probes = ["sciq", "arc_easy"]
pooled = true
items = 30
margin = 0.2
[latency]
pairs = 4
max_tokens = 8
role = "report"
[[waiver]]
suite = "forgetting"
until = 2999-12-31
reason = "mended by\\u001b[2J the next mix"
[[waiver]]
suite = "latency"
until = 2020-12-31
reason = "no longer"
"""


def test_every_question_is_asked_of_the_anchor_too_and_a_waived_failing_is_let_through_in_sight(
    weigh: Callable[..., pytest.RunResult], server: FakeServer, pytester: pytest.Pytester
) -> None:
    (pytester.path / "policy.toml").write_text(POOLED)
    report = pytester.path / "report.xml"
    anchor = f"--anchor={server.checkpoint('good')}"
    done = weigh(*contest(server, "bad", "slow-and-bad"), anchor, "--items=60", f"--junitxml={report}")
    done.assert_outcomes(passed=6, failed=1)
    done.stdout.fnmatch_lines(
        [
            "*= weighbridge: REGRESSED =*",
            "target-metric on tickets x zero-shot against the anchor: *; 1 question waived",
            "note: forgetting on pooled against the anchor is REGRESSED and waived until 2999-12-31: mended*",
            "note: the waiver for latency ran out on 2020-12-31 and no longer counts: no longer",
            "PASSED       target-metric on tickets x zero-shot: *",
            "REGRESSED    target-metric on tickets x zero-shot against the anchor: *",
            "PASSED       forgetting on pooled: * on 60 items, *",
            "REGRESSED    forgetting on pooled against the anchor (waived until 2999-12-31): * of 60 *",
            "FAILED *test_target_metric*tickets-zero-shot-anchor*",
        ]
    )
    assert "\x1b[2J" not in done.stdout.str()
    found = {(each["weighbridge_against"], *each.pop("name")): each for each in named(report)}
    waived = found["anchor", "test_forgetting", "pooled-anchor"]
    assert waived["weighbridge_status"] == "REGRESSED"
    assert waived["weighbridge_waived_until"] == "2999-12-31"
    assert waived["weighbridge_waiver_reason"].startswith("mended by")
    assert waived["weighbridge_note"].endswith("no longer counts: no longer")
    assert int(waived["weighbridge_n"]) < int(waived["weighbridge_planned"]) == 60
    plain = found["baseline", "test_forgetting", "pooled"]
    assert (plain["weighbridge_n"], plain["weighbridge_planned"]) == ("60", "60")
    assert "weighbridge_waived_until" not in plain


def test_an_anchor_that_holds_what_the_baseline_holds_gives_its_test_the_answer_of_the_baseline(
    weigh: Callable[..., pytest.RunResult], server: FakeServer
) -> None:
    anchor = f"--anchor={server.checkpoint('good')}"
    done = weigh(*contest(server, "bad", "good"), anchor, "-k", "target", "--items=40")
    done.assert_outcomes(failed=2, deselected=5)
    done.stdout.fnmatch_lines(["REGRESSED    target-metric on tickets x zero-shot: *"])
    done.stdout.no_fnmatch_line("* against the anchor: *")


def test_how_a_candidate_was_trained_is_said_in_the_summary_and_to_junit(
    weigh: Callable[..., pytest.RunResult],
    server: FakeServer,
    trained: Callable[..., Path],
    pytester: pytest.Pytester,
) -> None:
    item = tickets().items[0]
    told = trained("told", [tickets().ask(item.inputs)], prompt_arms={"rag-3": 1.0})
    report = pytester.path / "report.xml"
    options = (f"--certificate={told}", "--contamination=exclude", "--allow-mismatch", f"--junitxml={report}")
    done = weigh(*contest(server, "bad", "good"), *options, "-k", "target", "--items=40")
    done.assert_outcomes(failed=1, deselected=3)
    done.stdout.fnmatch_lines(
        [
            "*= weighbridge: REGRESSED =*",
            f"note: 1 item of tickets, first '{item.id}', left out for all sides: trained on by *",
            "note: the candidate * was trained on prompts unlike those served (*",
            "note: contamination unknown for * (baseline): no training record",
            "REGRESSED    target-metric *; probable cause: the candidate was trained on prompts *",
        ]
    )
    (found,) = properties(report)
    assert found["weighbridge_mismatch"] == "trained on prompts unlike those served"
    assert found["weighbridge_contamination_candidate"] == "found"
    assert found["weighbridge_contamination_baseline"] == "unknown"


@pytest.mark.parametrize(
    ("prompt_arms", "sentence"),
    [
        ({"zero-shot": 1.0}, "was trained on 1 item of tickets, first "),
        (
            {"rag-3": 1.0},
            "was trained on prompts unlike those served (training prompts were 100 % rag-3, and",
        ),
    ],
)
def test_a_gate_that_how_a_candidate_was_trained_forbids_ends_with_a_sentence_and_status_2(
    prompt_arms: dict[str, float],
    sentence: str,
    weigh: Callable[..., pytest.RunResult],
    server: FakeServer,
    trained: Callable[..., Path],
) -> None:
    told = trained("told", [tickets().ask(tickets().items[0].inputs)], prompt_arms=prompt_arms)
    done = weigh(*contest(server, "good", "good"), f"--certificate={told}", "-k", "target")
    shown = done.stdout.str() + done.stderr.str()
    assert done.ret == 2
    assert sentence in shown
    assert "Traceback" not in shown
    assert server.asked == ()


def test_a_test_of_the_users_own_is_given_the_verdict_of_its_suite(
    weigh: Callable[..., pytest.RunResult], server: FakeServer, pytester: pytest.Pytester
) -> None:
    own = pytester.makepyfile(PASSING)
    done = weigh(*contest(server, "good", "also-good"), "--arms=zero-shot,fewshot-1", on=own)
    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines(["*= weighbridge: PASSED =*", "all 2 gating questions passed"])
    assert {len(each.body["messages"]) for each in server.chats()} == {2, 4}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "nothing to weigh: give --checkpoint=…"),
        (("--checkpoint=x",), "nothing to weigh: give --baseline=…"),
        (("--checkpoint=x", "--baseline=y", "--arms=rag"), "unknown arm 'rag': use zero-shot, fewshot-K,"),
        (("--checkpoint=x", "--baseline=y", "--policy=absent.toml"), "absent.toml could not be read"),
        (("--checkpoint=x", "--baseline=y", "--items=-5"), "--items is -5: ask for 1 or more"),
        (("--checkpoint=x", "--baseline=y", "-k", "target"), "unknown checkpoint 'x': it is no folder here"),
        (("--checkpoint=x", "--baseline=y", "-n", "2"), "the suites share one server: run them without -n"),
    ],
)
def test_a_gate_that_cannot_be_carried_out_ends_with_a_sentence_and_status_2(
    options: tuple[str, ...], sentence: str, weigh: Callable[..., pytest.RunResult]
) -> None:
    done = weigh(*options)
    shown = done.stdout.str() + done.stderr.str()
    assert done.ret == 2
    assert sentence in shown
    assert "Traceback" not in shown
    assert "session.py" not in shown


def test_suites_spread_over_processes_fail_even_when_nothing_was_named_to_weigh(
    weigh: Callable[..., pytest.RunResult],
) -> None:
    done = weigh("-n", "1", "-k", "target")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["the suites share one server: run them without -n"])


def listed(done: pytest.RunResult) -> list[str]:
    return [line.rpartition("::")[2] for line in done.outlines if "::" in line]


def test_the_suites_can_be_listed_without_naming_anything_to_weigh(
    weigh: Callable[..., pytest.RunResult],
) -> None:
    done = weigh("--collect-only", "-q", "--arms=zero-shot,rag-3")
    assert done.ret == 0
    assert listed(done) == [
        "test_forgetting[sciq]",
        "test_latency[tickets-zero-shot]",
        "test_latency[tickets-rag-3]",
        "test_schema_validity[tickets-zero-shot]",
        "test_schema_validity[tickets-rag-3]",
        "test_target_metric[tickets-zero-shot]",
        "test_target_metric[tickets-rag-3]",
    ]


def test_an_anchor_in_the_policy_file_adds_a_test_to_every_question_but_waiting_times(
    weigh: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    (pytester.path / "policy.toml").write_text(f'anchor = "./release-1"\n{POOLED}')
    done = weigh("--collect-only", "-q")
    assert done.ret == 0
    assert listed(done) == [
        "test_forgetting[pooled]",
        "test_forgetting[pooled-anchor]",
        "test_latency[tickets-zero-shot]",
        "test_schema_validity[tickets-zero-shot]",
        "test_schema_validity[tickets-zero-shot-anchor]",
        "test_target_metric[tickets-zero-shot]",
        "test_target_metric[tickets-zero-shot-anchor]",
    ]
