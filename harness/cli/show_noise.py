"""What `weighbridge noise` prints: a row a question, then the command that plans with it."""

from collections.abc import Mapping, Sequence

from harness.cli.show import show_rows
from harness.cli.spelling import spelt
from harness.errors import TooFewItems
from harness.experiments.variation import Variation, measured_in
from harness.gating.assessment import Question
from harness.gating.provenance import provenance_notes
from harness.gating.settle import where
from harness.store.gate_folder import GateFolder
from reports.plain_text import harmless

_COLUMNS = ("suite", "of", "arm", "n", "mean", "variance", "discordance")


def show_noise(folder: GateFolder, options: Mapping[str, object], *, json: bool) -> None:
    """Print how much the items of a baseline vary; `options` are those of the plan to make of it.

    Raises `TooFewItems` when a question has too few items to tell anything.
    """
    told = measured_in(folder)
    known = [(question, found) for question, found in told if found is not None]
    rows = [_row(question, found) for question, found in known]
    show_rows(_COLUMNS, rows if json else [_without_none(row) for row in rows], json=json)
    silent = [where(question) for question, found in told if found is None]
    if silent:
        raise TooFewItems(
            f"nothing can be told of {', '.join(silent)}: ask for at least 2 items, from 2 sources (--items)"
        )
    if not json:
        _show_what_follows(folder, options, [found for _, found in known])


def _row(question: Question, found: Variation) -> tuple[object, ...]:
    return (
        str(question.suite),
        question.subject,
        question.arm or "-",
        found.n,
        round(found.baseline_mean, 3),
        round(found.variance, 4),
        None if found.discordance is None else round(found.discordance, 4),
    )


def _without_none(row: Sequence[object]) -> tuple[object, ...]:
    return tuple("-" if cell is None else cell for cell in row)


def _show_what_follows(folder: GateFolder, options: Mapping[str, object], found: Sequence[Variation]) -> None:
    if all(one.variance == 0.0 for one in found):
        print(
            "\nBoth sides replied alike, as greedy decoding does. A trained checkpoint differs on more\n"
            "items: assume a share of them with --discordance when you plan, such as 0.1."
        )
    for note in provenance_notes(folder.manifest.provenance):
        print(f"\nNote: {harmless(note)}")
    following = harmless(spelt(options), longest=2000)
    print(f"\nResults: {folder.path}\nNext:    weighbridge plan {following}")
