"""What the readers of a gate made of it, in lines for a terminal."""

from collections.abc import Iterator

from harness import JudgeRow, PairRow, ReaderRow, ReadingSummary, SideRow
from reports.plain_text import harmless

_SCALE = "(0 is chance, 1 full agreement)"


def summary_lines(summary: ReadingSummary) -> Iterator[str]:
    """Yield who read how much, what was accepted, and how far the readers agree."""
    kinds = f"{summary.differing} of them differ between the sides and are read first"
    yield f"Reads of gate {harmless(summary.gate_id)}: {summary.readable} items can be read; {kinds}."
    if not summary.readers:
        yield "Nobody has read any yet."
        if summary.judge is not None:
            yield from _judge(summary.judge)
            yield "  What a judge says counts only where people's reads bear it out: weighbridge review"
        return
    for reader in summary.readers:
        yield _reader(reader)
    for side in summary.sides:
        yield from _side(side)
    if len(summary.sides) > 1:
        yield (
            f"Of {summary.sides[0].read} pairs the candidate's reply alone was accepted in "
            f"{summary.only_candidate}, the baseline's alone in {summary.only_baseline}."
        )
    yield from map(_pair, summary.pairs)
    if len(summary.readers) > 1:
        yield f"All readers: Krippendorff's alpha {coefficient(summary.alpha)} {_SCALE}."
    if summary.judge is not None:
        yield from _judge(summary.judge)
    if summary.demand is not None:
        yield (
            f"The policy asks for {summary.demand.required} reads, {100 * summary.demand.min_accepted:g} % "
            "of them accepted."
        )


def _judge(judge: JudgeRow) -> Iterator[str]:
    yield (
        f"Judge {harmless(judge.judge)}: {judge.items} items in both orders, of two minds on "
        f"{judge.inconsistent}, without an answer on {judge.failures}; {judge.prompt_tokens} tokens asked, "
        f"{judge.completion_tokens} answered."
    )
    yield (
        f"  It accepted {100 * judge.candidate:.1f} % of the candidate's replies and "
        f"{100 * judge.baseline:.1f} % of the baseline's, a tie being half of one."
    )
    if judge.accepted + judge.rejected:
        yield (
            f"  With people it took {judge.confirmed} of {judge.accepted} replies they accepted and "
            f"refused {judge.refused} of {judge.rejected} they rejected: shown to agree on "
            f"{100 * judge.low:.0f} % of both at least, kappa {coefficient(judge.kappa)} {_SCALE}."
        )


def coefficient(value: float | None) -> str:
    """Return a measure of agreement with two decimals, or that there is none."""
    return "undefined, since everybody always said the same" if value is None else f"{value:.2f}"


def _reader(reader: ReaderRow) -> str:
    return (
        f"{harmless(reader.reviewer)}: {reader.items} items ({reader.blind}), {reader.accepted} of "
        f"{reader.replies} replies accepted, {reader.seconds:.0f} s an item (median)."
    )


def _side(side: SideRow) -> Iterator[str]:
    yield (
        f"{str(side.side).capitalize()}: {side.accepted} of {side.read} replies accepted "
        f"({100 * side.accepted / side.read:.1f} %; {100 * side.low:.1f} to {100 * side.high:.1f})."
    )
    if side.estimate is not None:
        judged = f", a judge relied on for {100 * side.tuning:.0f} %" if side.tuning else ""
        yield (
            f"  Of all replies of the gate about {100 * side.estimate:.1f} % "
            f"({100 * side.estimate_low:.1f} to {100 * side.estimate_high:.1f}{judged})."
        )


def _pair(pair: PairRow) -> str:
    return (
        f"{harmless(pair.one)} and {harmless(pair.other)}: the same on {pair.agreed} of {pair.replies} "
        f"replies, Cohen's kappa {coefficient(pair.kappa)} {_SCALE}."
    )
