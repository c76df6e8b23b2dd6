"""What rungs cost, on a terminal: a table with the frontier, then when training pays for itself."""

from collections.abc import Iterator

from harness import CostReport, CostRow
from reports.console import plain_table, wide_console
from reports.plain_text import harmless

_COLUMNS = (
    *("rung", "score", "good", "tokens in", "tokens out", "seconds", "wait"),
    *("an answer", "1,000 good", "frontier"),
)
_LEFT = ("rung", "frontier")
_MINUTE_S = 60.0


def write_cost(report: CostReport) -> None:
    """Print the table of rungs, what the columns mean, and the break-even."""
    from rich.text import Text

    console = wide_console()
    table = plain_table(_COLUMNS, right=set(_COLUMNS) - set(_LEFT))
    for row in report.rows:
        table.add_row(*(Text(harmless(cell)) for cell in _row(row)))
    console.print(table)
    for line in _lines(report):
        console.print(Text(harmless(line, longest=600)), soft_wrap=True)


def _row(row: CostRow) -> tuple[str, ...]:
    usage = row.usage
    return (
        usage.name,
        f"{usage.score:.3f}",
        f"{usage.good_share:.3f}",
        f"{usage.tokens_in:.0f}",
        f"{usage.tokens_out:.0f}",
        _known(usage.seconds),
        _known(usage.wait_s, " s"),
        f"{row.answer:.3g}",
        _known(row.thousand_good),
        f"dominated by {row.dominated_by}" if row.dominated_by else "on it",
    )


def _lines(report: CostReport) -> Iterator[str]:
    tariff = report.tariff
    yield ""
    yield (
        f"good: a score of {tariff.good:g} or more; an answer: tokens and seconds at the prices given, and "
        "1,000 good: all that is paid until a thousand answers are good"
    )
    if any(row.usage.seconds is not None for row in report.rows):
        yield (
            "seconds: of the servers, by tokens; one of a prompt is taken to cost "
            f"{tariff.prompt_weight:g} of one of a reply"
        )
    yield from _training(report)
    even = report.break_even
    if even is not None:
        yield f"Break-even of {even.trained} against {even.prompt}: {even.reason}."
        if even.thousand_good is not None:
            yield f"1,000 good answers of {even.trained}, training included: {even.thousand_good:.3g}"


def _training(report: CostReport) -> Iterator[str]:
    known = report.training
    parts = [(known.training_s, "training"), (known.measuring_s, "measuring")]
    told = [f"{name} {seconds / _MINUTE_S:.1f} min" for seconds, name in parts if seconds is not None]
    if told and report.break_even is not None:
        yield f"One iteration: {' + '.join(told)}"
    if known.cost is not None:
        yield f"One training costs {known.cost:.3g}"


def _known(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:.3g}{unit}"
