"""A report of drift with everything in it, for whoever shows or keeps one."""

from datetime import date

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

_HOSTILE = "\x1b[2J\u202egnp.exe" + "x" * 10_000
_FAR = FarShare(count=9, inputs=60, interval=(0.08, 0.24))


def a_drift_report() -> DriftReport:
    """A look that found live inputs moved: RETRAIN, Ada by 2026-12-12; its texts are hostile."""
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
