"""`weighbridge review`: people read the replies of a gate without knowing whose they are."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import EXIT_CODES, sentences
from harness.cli.reading import read_here, read_on_page

if TYPE_CHECKING:
    from harness.store.gate_folder import GateFolder

_STOPPED = "stopped; what was read is kept, and the same command goes on from there"


def review(
    gate: Annotated[Path, typer.Argument(help="A finished gate's folder, as it was printed.")],
    reviewer: Annotated[str, typer.Option(help="Who reads; each reader has reads of their own.")] = "",
    items: Annotated[int, typer.Option(min=1, help="Items to read; a larger number goes on.")] = 50,
    rubric: Annotated[
        Path | None, typer.Option(help="Text to read by; a task's rubric.md when left out.")
    ] = None,
    tasks: options.OwnTasks = "",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Loopback port of the page; 0 for any.")] = 0,
    *,
    single: Annotated[
        bool, typer.Option("--single", help="Show the candidate's reply alone, not both sides' as A and B.")
    ] = False,
    agreement: Annotated[
        bool, typer.Option("--agreement", help="Read nothing; say what was read and how readers agree.")
    ] = False,
    terminal: Annotated[bool, typer.Option("--terminal", help="Read here instead of in a browser.")] = False,
    json: options.Json = False,
) -> None:
    """Have a person read the replies of a finished gate blind, those on which the sides differ first.

    Opens a page on the loopback and prints its address, which holds a token.  Keys: a only A is
    good, b only B, g both, x neither; arrows move, n takes a note, u opens the rubric.  Everything is kept as
    it is said, so the same command goes on after a stop.  Where the gate's policy asks for reads,
    they count in its verdict, and the exit code is that of the verdict.  For example:

      weighbridge review results/gates/0123456789ab-1 --reviewer "Ada L."

      weighbridge review results/gates/0123456789ab-1 --agreement
    """
    with sentences(stopped=_STOPPED):
        from harness.domain.reading import Blind
        from harness.experiments.request import places, words
        from harness.experiments.review_gate import GateReview, finished, review_gate, settle_reads

        if agreement:
            settle_reads(finished(gate))
        else:
            request = GateReview(
                gate=gate,
                reviewer=reviewer,
                blind=Blind.SINGLE if single else Blind.PAIRS,
                items=items,
                rubric=rubric,
                tasks=words(tasks),
                tasks_dir=places(options.RESULTS).tasks,
            )
            read = read_here if terminal else lambda desk: read_on_page(desk, port)
            if not review_gate(request, read):
                raise KeyboardInterrupt
        code = show_reads(finished(gate), json=json)
    raise SystemExit(code)


def show_reads(folder: "GateFolder", *, json: bool) -> int:
    """Print what was made of a gate and, where that counts, its verdict; return the exit code."""
    from harness.cli.show import print_json
    from harness.experiments.reading_summary import reading_summary
    from reports.review.summary import summary_lines

    summary, verdict = reading_summary(folder), folder.verdict()
    counts = folder.manifest.policy.asks_people and folder.manifest.ladder is None and bool(verdict.verdicts)
    if json:
        print_json(summary)
    else:
        for line in summary_lines(summary):
            print(line)
        if counts:
            print(f"{verdict.status}  {verdict.reason}")
    return EXIT_CODES[verdict.status] if counts else 0
