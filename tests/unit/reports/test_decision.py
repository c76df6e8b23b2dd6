from dataclasses import replace
from pathlib import Path

import pytest

from harness.domain.decision import (
    Contrast,
    Decision,
    Footing,
    Holder,
    LadderTerms,
    Ruling,
    Rung,
    RungResult,
)
from reports.decision import write_decision

HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]red[/red] \u202egnp.exe\u202c nul\x00 \u2028"

PROMPT = RungResult(
    rung=Rung(holder=Holder.BASE, arm="zero-shot"),
    score=0.25,
    valid=1.0,
    footing=Footing.SHORT,
    behind_prompts=None,
    behind_tuned=0.45,
)
TUNED = RungResult(
    rung=Rung(holder=Holder.TUNED, arm="zero-shot"),
    score=0.625,
    valid=0.975,
    footing=Footing.HOLDS,
    behind_prompts=-0.3,
    behind_tuned=None,
)
DECISION = Decision(
    ruling=Ruling.TRAIN,
    reason="stand on tuned x zero-shot: it beats each prompt",
    terms=LadderTerms(gain=0.1, margin=0.05),
    confidence=0.95,
    stands_on=TUNED.rung,
    items=40,
    rungs=(PROMPT, TUNED),
    contrasts=(Contrast(name="training, under zero-shot", delta=0.375, interval=(0.25, 0.5)),),
    would_change=("a stronger model",),
    notes=("contamination unknown for base",),
)


def shown(decision: Decision, capsys: pytest.CaptureFixture[str], *, following: str = "") -> list[str]:
    write_decision(decision, Path("results/gates/abc-1"), resumed_items=0, elapsed_s=3.4, following=following)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_the_whole_page_reads_from_the_answer_to_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    page = shown(DECISION, capsys, following="weighbridge gate --arms zero-shot")
    assert [line for line in page if line] == [
        "TRAIN  stand on tuned x zero-shot: it beats each prompt.",
        "Would change that: a stronger model.",
        "Note: contamination unknown for base",
        "rung                 score  valid  behind prompts  behind tuned  shown to be",
        "  base x zero-shot   0.250  1.000               -         +45.0  falls short",
        "> tuned x zero-shot  0.625  0.975           -30.0             -  good enough",
        "  behind: what a rung lacks of the best other one at most, in points (all at 95 % together);",
        "  a prompt may lack 10 of a tuned rung; any may lack 5 of another of its kind",
        "what changes               change        interval",
        "training, under zero-shot   +37.5  +25.0 to +50.0",
        "  changes in points; their intervals hold at 95 % together",
        "Results: results/gates/abc-1 (3 s)",
        "Replay:  weighbridge verify results/gates/abc-1",
        "Cost:    weighbridge cost results/gates/abc-1 --price-in 0.15 --price-out 0.60",
        "Next:    weighbridge gate --arms zero-shot",
    ]


def test_an_invalid_decision_has_a_reason_and_no_tables(capsys: pytest.CaptureFixture[str]) -> None:
    invalid = Decision(
        ruling=Ruling.INVALID, reason="a cell is missing", terms=LadderTerms(), confidence=0.95
    )
    page = shown(invalid, capsys)
    assert page[0] == "INVALID  a cell is missing."
    assert not [line for line in page if line.startswith(("rung", "what changes"))]


def test_a_diagnosis_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    page = shown(replace(DECISION, diagnosis="what is missing is behaviour"), capsys)
    assert page.count("Knowledge or behaviour: what is missing is behaviour.") == 1
    told = replace(DECISION, reason="mend retrieval first: knowledge", diagnosis="knowledge")
    assert not [line for line in shown(told, capsys) if line.startswith("Knowledge or behaviour")]


def test_hostile_text_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    spoilt = replace(
        DECISION,
        reason=HOSTILE,
        notes=(HOSTILE,),
        would_change=(HOSTILE,),
        contrasts=(replace(DECISION.contrasts[0], name=HOSTILE),),
    )
    page = "\n".join(shown(spoilt, capsys, following=HOSTILE))
    assert not set(page) & {"\x1b", "\x07", "\x00", "\u202e", "\u2028"}
    assert "[red]red[/red]" in page
