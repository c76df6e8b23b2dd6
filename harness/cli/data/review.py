"""`weighbridge data review`: a person reads a sample and accepts or rejects each example."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import options as every
from harness.cli.data import options
from harness.cli.exit_codes import sentences
from harness.cli.reading import read_here, read_on_page
from reports.plain_text import harmless

if TYPE_CHECKING:
    from training.data.review import Review


_STOPPED = "stopped; the marks are kept, and the same command goes on from there"


def review(
    file: options.File,
    reviewer: Annotated[str, typer.Option(help="Who reads; written into the review.")],
    out: Annotated[Path, typer.Option(help="Where the review is written when all is read.")] = Path(
        "review.json"
    ),
    count: Annotated[int, typer.Option(min=1, help="Examples to read, shared out over sources.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Draws which examples are read.")] = 0,
    task: options.Task = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Loopback port of the page; 0 for any.")] = 0,
    *,
    terminal: Annotated[bool, typer.Option("--terminal", help="Read here instead of in a browser.")] = False,
) -> None:
    """Have a person read a sample of a data set and accept or reject each example.

    Opens a page on the loopback and prints its address: a accepts, r rejects, arrows move, n
    takes a note.  Marks are kept as they are made, so the same command goes on after a stop.
    Training wants 50 read, or all of a smaller set, and 95 % of them accepted.  For example:

      weighbridge data review train.jsonl --reviewer "Ada L." --out review.json
    """
    with sentences(stopped=_STOPPED):
        from harness.experiments.data_files import Room
        from harness.experiments.progress import ended
        from harness.experiments.request import places
        from harness.experiments.review_data import ReviewRequest, review_data
        from reports.tally import shown_tally

        request = ReviewRequest(source=file, out=out, reviewer=reviewer, count=count, seed=seed)
        tally = shown_tally()
        read = read_here if terminal else lambda desk: read_on_page(desk, port)
        with ended(tally):
            room = Room(places=places(every.RESULTS), task=task, tally=tally)
            done = review_data(request, room, read)
        if done is None:
            raise KeyboardInterrupt
        _show(done, out)


def _show(done: "Review", out: Path) -> None:
    from training.data.review import FEWEST_READ, LEAST_ACCEPTED

    read = len(done.marks)
    print(f"{done.accepted} of {read} examples accepted ({done.accepted_share:.0%}), written to {out}.")
    for mark in done.marks:
        if not mark.accepted:
            print(f"  rejected {harmless(mark.example_id)}{mark.note and ': '}{harmless(mark.note)}")
    if done.accepted_share < LEAST_ACCEPTED or read < min(FEWEST_READ, done.sampling.examples):
        print(
            f"Training will refuse this: it wants {LEAST_ACCEPTED:.0%} of at least {FEWEST_READ} examples "
            "accepted; mend the data and review it again."
        )
