"""Usage of every rung and a tariff -> prices, the frontier, and when training pays for itself; pure."""

from collections.abc import Sequence
from dataclasses import replace

from harness.domain.cost import BreakEven, CostReport, CostRow, Tariff, Training, Usage
from harness.errors import UsageError
from harness.gating.usage import effort

_THOUSAND, _MILLION = 1e3, 1e6


def cost_report(
    usages: Sequence[Usage], tariff: Tariff, training: Training, *, request_s: float | None
) -> CostReport:
    """Return prices and frontier of all rungs, and the break-even where some are trained and some not.

    `request_s` is how long a request took on average over all rungs, requests side by side; a
    rung's share goes by its tokens.  Raises `UsageError` where seconds have a price and none
    were measured.
    """
    if tariff.gpu_second and request_s is None:
        raise UsageError(
            "--gpu-second-price needs seconds and none were measured here, because every reply was known "
            "before: give --price-in and --price-out instead"
        )
    timed = _timed(usages, tariff, request_s)
    rows = _with_frontier([_row(usage, tariff) for usage in timed])
    return CostReport(
        tariff=tariff, rows=rows, training=training, break_even=_break_even(rows, tariff, training)
    )


def dominates(one: CostRow, other: CostRow) -> bool:
    """Return whether `one` is no worse in score, cost and known waiting time, and better in one of them."""
    better = [(one.usage.score, other.usage.score), (other.answer, one.answer)]
    if one.usage.wait_s is not None and other.usage.wait_s is not None:
        better.append((other.usage.wait_s, one.usage.wait_s))
    return all(mine >= its for mine, its in better) and any(mine > its for mine, its in better)


def _timed(usages: Sequence[Usage], tariff: Tariff, request_s: float | None) -> list[Usage]:
    """Seconds go by work: all rungs shared the same servers in turns."""
    mean = sum(effort(usage, tariff) for usage in usages) / len(usages)
    if request_s is None or mean <= 0.0:
        return list(usages)
    return [replace(usage, seconds=request_s * effort(usage, tariff) / mean) for usage in usages]


def _row(usage: Usage, tariff: Tariff) -> CostRow:
    answer = (
        usage.tokens_in * tariff.million_in / _MILLION
        + usage.tokens_out * tariff.million_out / _MILLION
        + (usage.seconds or 0.0) * tariff.gpu_second
    )
    good = _THOUSAND * answer / usage.good_share if usage.good_share else None
    return CostRow(usage=usage, answer=answer, thousand_good=good)


def _with_frontier(rows: Sequence[CostRow]) -> tuple[CostRow, ...]:
    best = [next((one.usage.name for one in rows if dominates(one, row)), "") for row in rows]
    return tuple(replace(row, dominated_by=name) for row, name in zip(rows, best, strict=True))


def _break_even(rows: Sequence[CostRow], tariff: Tariff, training: Training) -> BreakEven | None:
    trained = max((row for row in rows if row.usage.is_trained), key=_score, default=None)
    prompt = max((row for row in rows if not row.usage.is_trained), key=_score, default=None)
    if trained is None or prompt is None:
        return None
    found = BreakEven(trained=trained.usage.name, prompt=prompt.usage.name, reason="")
    told = _told(found, trained, prompt, tariff, training)
    return replace(told, thousand_good=_spread(trained, tariff, training))


def _told(
    found: BreakEven, trained: CostRow, prompt: CostRow, tariff: Tariff, training: Training
) -> BreakEven:
    level = f"a score of {tariff.good:g} or more"
    if trained.thousand_good is None:
        return replace(found, reason=f"never: {found.trained} gave no answer with {level}")
    if prompt.thousand_good is None:
        return replace(
            found, reason=f"no volume to compare: {found.prompt} gave no answer with {level} at any price"
        )
    saved = (prompt.thousand_good - trained.thousand_good) / _THOUSAND
    if saved <= 0.0:
        return replace(
            found, reason=f"never: a good answer of {found.trained} costs no less than one of {found.prompt}"
        )
    if training.cost is None:
        return replace(
            found,
            reason=f"each good answer saves {saved:.3g}, but what training costs is not known: give "
            "--training-cost",
        )
    volume = training.cost / saved
    return replace(found, good_answers=volume, reason=_pays(volume, trained, tariff))


def _pays(volume: float, trained: CostRow, tariff: Tariff) -> str:
    """How many good answers a training, and whether the volume asked for has them."""
    said = f"training pays for itself from {volume:,.0f} good answers on"
    days, daily = tariff.retrain_every_days, tariff.answers_per_day
    if days is None or daily is None:
        return said
    expected = days * daily * trained.usage.good_share
    verdict = "pays" if expected > volume else "does not pay"
    return f"{said}; in {days:g} days it gives {expected:,.0f}, so it {verdict} before it is due again"


def _spread(trained: CostRow, tariff: Tariff, training: Training) -> float | None:
    days, daily, share = tariff.retrain_every_days, tariff.answers_per_day, trained.usage.good_share
    if None in (days, daily, training.cost, trained.thousand_good):
        return None
    good = (days or 0.0) * (daily or 0.0) * share
    return (trained.thousand_good or 0.0) + _THOUSAND * (training.cost or 0.0) / good


def _score(row: CostRow) -> float:
    return row.usage.score
