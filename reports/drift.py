"""A look at live inputs in lines: what to do, by whom, until when; then what was found."""

from collections.abc import Iterator, Sequence

from harness import DriftReport, Stranger
from reports.plain_text import harmless

_TEXT = 90


def drift_lines(report: DriftReport) -> Iterator[str]:
    """Yield the lines; what came from outside is made harmless and cut."""
    found = report.recommendation
    yield f"{found.remedy}  {harmless(found.owner)}, by {found.due}"
    yield from (f"  {harmless(reason)}." for reason in found.reasons)
    yield ""
    inputs = report.inputs
    low, high = inputs.recognised_interval
    besides = f"{inputs.repeats} repeats{f', {inputs.undrawn} more not drawn' if inputs.undrawn else ''}"
    yield (
        f"Inputs: {report.shift}. {inputs.live} distinct live inputs ({besides}) against {inputs.trained} "
        f"trained on, p {inputs.p_value:.3g}"
    )
    told = f"{100 * inputs.recognised:.0f} times in 100 ({100 * low:.0f} to {100 * high:.0f})"
    yield f"  told apart {told}; 50 is guessing"
    far = f"{inputs.far.count} of {inputs.far.inputs}"
    yield f"  {far} farther than usual from any training example; 5 in 100 expected"
    yield from _strangest(inputs.strangest)
    yield from _gold(report)
    yield _scores(report)


def _strangest(strangers: Sequence[Stranger]) -> Iterator[str]:
    for each in strangers:
        yield f"  {each.cosine:+.2f}  live     {_cut(each.text)}"
        yield f"         nearest  {_cut(each.nearest_text)}  [{harmless(each.nearest_id, longest=40)}]"


def _gold(report: DriftReport) -> Iterator[str]:
    gold = report.gold
    if gold is None:
        yield "Gold pool: not looked at; name the task with --task"
        return
    age = "" if gold.changed_on is None else f", last changed {gold.changed_on}"
    reach = (
        "too few items or gold examples to say whom it reaches"
        if gold.far is None
        else f"{gold.far.count} of {gold.far.inputs} live inputs are farther from it than 95 % of the items"
    )
    yield f"Gold pool: {gold.size} examples ({gold.digest[:12]}){age}; {reach}"
    if gold.far is not None and gold.far.count:
        yield from _strangest(gold.strangest[: gold.far.count])


def _scores(report: DriftReport) -> str:
    if not report.series:
        return "Scores: none recorded"
    steps = "; ".join(
        f"{harmless(step.series, longest=120)} from {step.before:.3f} to {step.after:.3f} on {step.on}"
        for step in report.steps
    )
    found = f"last lasting steps: {steps}" if steps else "no lasting step"
    return f"Scores: {report.series} recorded series, {found}"


def _cut(text: str) -> str:
    return harmless(" ".join(text.split()), longest=_TEXT)
