"""An experiment as a Markdown page: what was asked, what every cell scored, what that shows and what not."""

from collections.abc import Iterator, Sequence

from harness import Cell, Coverage, Difference, ExperimentReport, Hole, Interval, Metric
from reports.plain_text import harmless

_LONGEST = 400
_UNKNOWN = "-"


def markdown(report: ExperimentReport) -> str:
    """Return the page, ready to be put into a folder of documents."""
    return "\n".join(_lines(report)) + "\n"


def table_of(report: ExperimentReport) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return headings and a row of texts for every measured cell; what was never measured has no column."""
    columns = [column for column in _columns(report) if any(text != _UNKNOWN for text in column[1])]
    headings = tuple(heading for heading, _ in columns)
    return headings, list(zip(*(texts for _, texts in columns), strict=True))


def _columns(report: ExperimentReport) -> list[tuple[str, list[str]]]:
    rows, metric = report.rows, report.metric
    further = {
        Metric.TARGET: [f"{row.target:.3f}" for row in rows],
        Metric.SCHEMA: [f"{row.schema:.3f}" for row in rows],
        Metric.PROBES: [_number(row.probes, "{:.3f}") for row in rows],
    }
    return [
        ("cell", [row.cell.named(report.factors) for row in rows]),
        (str(metric), [f"{row.mean:.3f}" for row in rows]),
        ("95 % interval", [spelled(row.interval, signed=False) for row in rows]),
        ("n", [str(row.items) for row in rows]),
        *((str(other), texts) for other, texts in further.items() if other is not metric),
        ("tokens in", [_number(row.prompt_tokens, "{:.0f}") for row in rows]),
        ("tokens out", [_number(row.completion_tokens, "{:.0f}") for row in rows]),
        ("first token", [_number(row.ttft_s, "{:.2f} s") for row in rows]),
        ("whole reply", [_number(row.e2e_s, "{:.2f} s") for row in rows]),
        (
            "training",
            [_UNKNOWN if row.trained_s is None else f"{row.trained_s / 60:.1f} min" for row in rows],
        ),
    ]


def spelled(interval: Interval | None, *, signed: bool) -> str:
    """Return an interval as words, in points with a sign where it is one of a difference."""
    if interval is None:
        return "one source: none"
    if signed:
        return f"{100 * interval.low:+.1f} to {100 * interval.high:+.1f}"
    return f"{interval.low:.3f} to {interval.high:.3f}"


def sentence(difference: Difference, factors: Sequence[str]) -> str:
    """Return a difference as one sentence."""
    sides = f"{difference.cell.named(factors)} against {difference.against.named(factors)}"
    return (
        f"{sides}: {100 * difference.delta:+.1f} points "
        f"({spelled(difference.interval, signed=True)}), {difference.reading}"
    )


def coverage_sentence(report: ExperimentReport) -> str:
    """Return how many cells were measured, as one sentence."""
    whole = len(report.rows) + len(report.holes)
    match report.coverage:
        case Coverage.WHOLE:
            return f"All {whole} cells were measured."
        case Coverage.HOLES:
            return f"{len(report.rows)} of {whole} cells were measured; {len(report.holes)} are holes."
        case Coverage.NOTHING:
            return f"None of {whole} cells was measured."


def _lines(report: ExperimentReport) -> Iterator[str]:
    yield f"# {_text(report.name)}"
    yield ""
    yield f"**{_text(report.question)}**"
    yield ""
    yield (
        f"{coverage_sentence(report)} Task `{_code(report.task)}`, all cells on the same items; "
        f"{report.finished_on[:10]}, experiment file `{report.digest[:12]}`; the last run took "
        f"{report.elapsed_s / 60:.0f} minutes."
    )
    yield ""
    yield from _rows(report)
    yield from _differences(report)
    yield from _holes(report.holes, report.factors)
    if report.shows:
        yield from ("## What it shows at this size", "", _text(report.shows), "")
    if report.cannot_show:
        yield from ("## What it cannot show", "", _text(report.cannot_show), "")
    yield from _records(report)


def _rows(report: ExperimentReport) -> Iterator[str]:
    if not report.rows:
        return
    yield from _table(*table_of(report))
    yield ""
    known = [row for row in report.rows if row.waits]
    waits = f" Times are medians of {known[0].waits} cold requests, one at a time." if known else ""
    yield (
        f"Means, failures scored 0; the interval is that of {report.metric}, robust to items that share a "
        f"source; tokens are means of an item.{waits}"
    )
    yield ""


def _differences(report: ExperimentReport) -> Iterator[str]:
    yield from ("## Differences", "")
    if not report.differences:
        yield "Nothing can be compared: the reference, or everything else, is a hole."
        yield ""
        return
    rows = [
        (
            _named(each.cell, report),
            _named(each.against, report),
            f"{100 * each.delta:+.1f}",
            spelled(each.interval, signed=True),
            str(each.items),
            str(each.reading),
        )
        for each in report.differences
    ]
    yield from _table(("cell", "against", "points", "interval", "n", "reading"), rows)
    yield ""
    yield (
        f"Paired differences of {report.metric} in points, item by item. The intervals hold all together "
        "with 95 % (Bonferroni, what holes left out included); *not shown* says that neither sign is, and "
        "never that there is no difference."
    )
    yield ""


def _holes(holes: Sequence[Hole], factors: Sequence[str]) -> Iterator[str]:
    if not holes:
        return
    yield from ("## Holes", "")
    for hole in holes:
        yield f"- {_text(hole.cell.named(factors))}: {_text(hole.reason)}"
    yield ""


def _records(report: ExperimentReport) -> Iterator[str]:
    if not report.measured:
        return
    yield from ("## Records", "")
    rows = [
        (
            _named(each.cell, report),
            "/".join(each.checkpoint.rsplit("/", 2)[-2:]),
            each.checkpoint_digest[:16],
            each.measured_on[:10],
            each.gate.rsplit("/", 1)[-1],
        )
        for each in report.measured
    ]
    yield from _table(("cell", "checkpoint", "digest", "measured", "gate"), rows)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield _line(headings)
    yield _line(["---"] * len(headings))
    yield from map(_line, rows)


def _line(texts: Sequence[str]) -> str:
    return f"| {' | '.join(map(_text, texts))} |"


def _named(cell: Cell, report: ExperimentReport) -> str:
    return cell.named(report.factors)


def _text(text: str) -> str:
    """Words from a file or a server, on one line, that no reader of Markdown takes for markup."""
    plain = " ".join(harmless(text, longest=_LONGEST).split())
    for mark in ("\\", "`", "*", "_", "|", "[", "]", "#"):
        plain = plain.replace(mark, f"\\{mark}")
    return plain.replace("<", "&lt;").replace(">", "&gt;")


def _code(text: str) -> str:
    return " ".join(harmless(text, longest=_LONGEST).replace("`", "'").split())


def _number(value: float | None, pattern: str) -> str:
    return _UNKNOWN if value is None else pattern.format(value)
