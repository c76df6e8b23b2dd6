import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from harness.domain.policy import Role, Waiver
from harness.domain.run import Side
from harness.domain.suite import Suite
from harness.domain.verdict import Evidence, GateVerdict, Status, Verdict
from reports.terminal import write_verdict

HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]red[/red] \u202egnp.exe\u202c nul\x00 \x9b31m \u2028 \ud800"

TARGET = Verdict(
    suite=Suite.TARGET_METRIC,
    subject="tickets",
    arm="rag-3",
    metric="target",
    status=Status.PASSED,
    reason="0.900 against 0.875 on 60 items, +2.5 points: shown to be better",
    evidence=Evidence(
        n=60, baseline=0.875, candidate=0.9, delta=0.025, interval=(-0.01, 0.06), tests=(), lost=("a",)
    ),
)
SCHEMA = replace(
    TARGET,
    suite=Suite.SCHEMA_VALIDITY,
    status=Status.REGRESSED,
    reason="0.500 against 1.000 on 60 items: worse than the baseline",
    evidence=Evidence(n=60, baseline=1.0, candidate=0.5, delta=-0.5, interval=(-0.61, -0.39), tests=()),
)
FORGETTING = replace(
    TARGET,
    suite=Suite.FORGETTING,
    subject="sciq",
    arm="",
    status=Status.INVALID,
    reason="40 of 40 items have no candidate result",
    evidence=None,
)
LATENCY = replace(
    TARGET,
    suite=Suite.LATENCY,
    role=Role.REPORT,
    status=Status.INCONCLUSIVE,
    reason="500 pairs are needed",
    evidence=Evidence(
        n=12,
        baseline=0.25,
        candidate=0.5,
        delta=2.0,
        interval=(1.5, float("inf")),
        tests=(),
        details={
            "e2e_s_p50_baseline": 0.25,
            "e2e_s_p50_candidate": 0.5,
            "e2e_s_p50_ratio": 2.0,
            "odd_ratio": 1.0,
        },
    ),
)
GATE = GateVerdict(
    status=Status.REGRESSED,
    reason="schema-validity on tickets x rag-3: 0.500 against 1.000 on 60 items: worse than the baseline",
    verdicts=(TARGET, SCHEMA, FORGETTING, LATENCY),
)
WHOLE = """\
REGRESSED  schema-validity on tickets x rag-3: 0.500 against 1.000 on 60 items: worse than the baseline

suite            of       arm    baseline  candidate  change        interval   n  verdict
target-metric    tickets  rag-3     0.875      0.900    +2.5    -1.0 to +6.0  60  PASSED
schema-validity  tickets  rag-3     1.000      0.500   -50.0  -61.0 to -39.0  60  REGRESSED
forgetting       sciq     -             -          -       -               -   -  INVALID
latency          tickets  rag-3    0.25 s     0.50 s  x 2.00   x 1.50 to inf  12  reported: INCONCLUSIVE

target-metric on tickets x rag-3: PASSED. 0.900 against 0.875 on 60 items, +2.5 points: shown to be better.
schema-validity on tickets x rag-3: REGRESSED. 0.500 against 1.000 on 60 items: worse than the baseline.
forgetting on sciq: INVALID. 40 of 40 items have no candidate result.
latency on tickets x rag-3: INCONCLUSIVE. 500 pairs are needed.
  e2e_s_p50: 0.250 s against 0.500 s, x 2.00

Results: results/gates/0123456789ab-1 (61 s; 17 items were answered before)
Replay:  weighbridge verify results/gates/0123456789ab-1
Report:  weighbridge report results/gates/0123456789ab-1 --html report.html
Query:   weighbridge results sql "from verdicts" --results results
"""
WAIVER = Waiver(suite=Suite.SCHEMA_VALIDITY, until=date(2027, 1, 31), reason="mended by the next mix")
EXCEPTED = GateVerdict(
    status=Status.PASSED,
    reason="all 1 gating question passed; 1 question waived",
    notes=("this is look 2 at these checkpoints", "schema-validity is waived: mended by the next mix"),
    verdicts=(
        replace(TARGET, evidence=replace(TARGET.evidence, details={"planned_items": 788.0})),
        replace(SCHEMA, waiver=WAIVER, against=Side.ANCHOR),
        replace(FORGETTING, against=Side.ANCHOR),
    ),
)
WHOLE_EXCEPTED = """\
PASSED  all 1 gating question passed; 1 question waived
Note: this is look 2 at these checkpoints
Note: schema-validity is waived: mended by the next mix

suite            of       arm    against   reference  candidate  change        interval          n  verdict
target-metric    tickets  rag-3  baseline      0.875      0.900    +2.5    -1.0 to +6.0  60 of 788  PASSED
schema-validity  tickets  rag-3  anchor        1.000      0.500   -50.0  -61.0 to -39.0         60  REGRESSED
                                                                                                    waived until 2027-01-31
forgetting       sciq     -      anchor            -          -       -               -          -  INVALID

target-metric on tickets x rag-3: PASSED. 0.900 against 0.875 on 60 items, +2.5 points: shown to be better.
schema-validity on tickets x rag-3 against the anchor: REGRESSED (waived until 2027-01-31). 0.500 against 1.000 on 60 items: worse than the baseline.
forgetting on sciq against the anchor: INVALID. 40 of 40 items have no candidate result.

Results: results/gates/0123456789ab-1 (61 s; 17 items were answered before)
Replay:  weighbridge verify results/gates/0123456789ab-1
Report:  weighbridge report results/gates/0123456789ab-1 --html report.html
Query:   weighbridge results sql "from verdicts" --results results
"""  # noqa: E501 - as it is printed


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def written(capsys: pytest.CaptureFixture[str], gate: GateVerdict) -> str:
    write_verdict(gate, Path("results/gates/0123456789ab-1"), resumed_items=17, elapsed_s=61.4)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("gate", "whole"), [(GATE, WHOLE), (EXCEPTED, WHOLE_EXCEPTED)], ids=["plain", "anchor, waiver, notes"]
)
def test_the_whole_report_of_a_gate(
    gate: GateVerdict, whole: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line.rstrip() for line in written(capsys, gate).splitlines()]
    assert "\n".join(lines) + "\n" == whole


@pytest.mark.parametrize(("planned", "shown"), [(60.0, " 60 "), (61.0, " 60 of 61 "), (None, " 60 ")])
def test_the_items_planned_are_told_where_fewer_were_weighed(
    planned: float | None, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    details = {} if planned is None else {"planned_items": planned}
    weighed = replace(TARGET, evidence=replace(TARGET.evidence, details=details))
    out = written(capsys, GateVerdict(status=Status.PASSED, reason="r", verdicts=(weighed,)))
    (row,) = [line for line in out.splitlines() if line.startswith("target-metric  ")]
    assert shown in row
    assert ("of 61" in row) == (planned == 61.0)


def test_a_note_stays_on_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    notes = ("waived:\nPASSED  everything\u2028is well", HOSTILE)
    out = written(capsys, GateVerdict(status=Status.INVALID, reason="r", verdicts=(), notes=notes))
    assert out.splitlines()[1] == "Note: waived: PASSED  everything is well"
    assert out.splitlines()[2].startswith(r"Note: \u001b[2J\u001b]0;owned")
    assert not set(out) & set("\x1b\x07\x00\x9b\u202e\u202c\u2028\ud800")


def test_a_gate_without_verdicts_still_says_why_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    bare = GateVerdict(status=Status.INVALID, reason="nothing was compared", verdicts=())
    out = written(capsys, bare)
    assert out.startswith("INVALID  nothing was compared\n")
    assert "Replay:  weighbridge verify results/gates/0123456789ab-1\n" in out


def test_a_gate_measured_in_one_go_does_not_speak_of_earlier_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_verdict(GATE, Path("here"), resumed_items=0, elapsed_s=2.0)
    assert "Results: here (2 s)\n" in capsys.readouterr().out


def test_hostile_text_is_shown_and_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = replace(TARGET, subject=HOSTILE, reason=HOSTILE)
    out = written(capsys, GateVerdict(status=Status.PASSED, reason=HOSTILE, verdicts=(hostile,)))
    assert not set(out) & set("\x1b\x07\x00\x9b\u202e\u202c\u2028\ud800")
    assert (
        r"\u001b[2J\u001b]0;owned\u0007[red]red[/red] \u202egnp.exe\u202c nul\u0000 \u009b31m \u2028 \ud800"
        in out
    )


def test_a_megabyte_of_text_is_cut_and_its_length_told(capsys: pytest.CaptureFixture[str]) -> None:
    long = replace(TARGET, subject="s" * 1_000_000, reason="r" * 1_000_000)
    out = written(capsys, GateVerdict(status=Status.PASSED, reason="r" * 1_000_000, verdicts=(long,)))
    assert len(out) < 100_000
    assert "(998000 characters more)" in out


def test_a_narrow_terminal_still_shows_every_figure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    out = written(capsys, GATE)
    assert "\x1b[1;31mREGRESSED" in out
    assert "…" not in out


def test_the_commands_shown_can_be_pasted_whatever_the_folder_is_called(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_verdict(GATE, Path("my results/gates/0123456789ab-1"), resumed_items=0, elapsed_s=1.0)
    assert [shlex.split(line)[1:] for line in capsys.readouterr().out.splitlines()[-3:]] == [
        ["weighbridge", "verify", "my results/gates/0123456789ab-1"],
        ["weighbridge", "report", "my results/gates/0123456789ab-1", "--html", "report.html"],
        ["weighbridge", "results", "sql", "from verdicts", "--results", "my results"],
    ]
