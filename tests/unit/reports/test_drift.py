from datetime import date

import pytest

from harness.domain.drift import (
    DriftReport,
    FarShare,
    GoldState,
    InputDrift,
    Recommendation,
    Remedy,
    ScoreStep,
    Shift,
    Stranger,
)
from reports.drift import drift_lines

_HOSTILE = "\x1b[2J\u202egnp.exe" + "x" * 10_000
_FAR = FarShare(count=9, inputs=60, interval=(0.08, 0.24))


@pytest.fixture
def report() -> DriftReport:
    stranger = Stranger(text=_HOSTILE, nearest_id="e1", nearest_text="two\nlines", cosine=0.12)
    return DriftReport(
        looked_on=date(2026, 11, 28),
        checkpoint="base+adapter",
        live_file="live.jsonl",
        data_digest="d" * 64,
        embedder="words",
        shift=Shift.SHIFTED,
        inputs=InputDrift(
            live=60,
            repeats=2,
            undrawn=5,
            trained=500,
            alpha=0.05,
            p_value=0.001,
            recognised=0.83,
            recognised_interval=(0.75, 0.91),
            power=None,
            far=_FAR,
            strangest=(stranger,),
        ),
        gold=GoldState(
            digest="a" * 64, size=12, changed_on=date(2026, 1, 2), far=_FAR, strangest=(stranger,)
        ),
        series=3,
        steps=(ScoreStep(series="sums: target", on=date(2026, 11, 1), before=0.9, after=0.7),),
        recommendation=Recommendation(
            remedy=Remedy.RETRAIN, owner="Ada", due=date(2026, 12, 12), reasons=("inputs moved",)
        ),
    )


def test_the_lines_say_what_to_do_and_then_what_was_found(report: DriftReport) -> None:
    lines = list(drift_lines(report))
    assert lines[:2] == ["RETRAIN  Ada, by 2026-12-12", "  inputs moved."]
    assert "60 distinct live inputs (2 repeats, 5 more not drawn) against 500 trained on, p 0.001" in lines[3]
    assert lines[4] == "  told apart 83 times in 100 (75 to 91); 50 is guessing"
    assert "last changed 2026-01-02" in "\n".join(lines)
    assert lines[-1].endswith("sums: target from 0.900 to 0.700 on 2026-11-01")


def test_what_users_wrote_is_cut_and_harmless(report: DriftReport) -> None:
    text = "\n".join(drift_lines(report))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert max(map(len, text.splitlines())) < 250
