"""`weighbridge data decontaminate`: nothing is trained on that will be asked."""

from typing import Annotated

import typer

from harness.cli import options as every
from harness.cli.data import options
from harness.cli.exit_codes import sentences


def decontaminate(
    file: options.File,
    out: options.Out,
    tasks: Annotated[
        str, typer.Option(help="Tasks whose items are held against, by name or folder, with commas between.")
    ] = "",
    probes: Annotated[
        str, typer.Option(help="Probes whose questions are, too: arc_easy, piqa, sciq, ..., or all.")
    ] = "",
    task: options.Task = None,
    meaning: Annotated[
        float, typer.Option(help="Cosine from which a question with the same numbers is an item.")
    ] = 0.85,
    *,
    words_only: Annotated[
        bool, typer.Option("--words-only", help="Compare words alone, which takes seconds.")
    ] = False,
    json: every.Json = False,
) -> None:
    """Take out examples that share 13 words in a row with an evaluation item, or ask the same.

    What went is kept beside the output with the item it met.  For example:

      weighbridge data decontaminate unique.jsonl --tasks fractions --probes arc_easy,piqa --out clean.jsonl
    """
    with sentences(stopped=options.STOPPED):
        from harness.cli.data.shown import show_step
        from harness.experiments.data_files import Room
        from harness.experiments.data_steps import Against, decontaminate_data, probes_named
        from harness.experiments.progress import ended
        from harness.experiments.request import places
        from harness.experiments.request import words as named
        from reports.tally import shown_tally

        against = Against(
            tasks=named(tasks), probes=probes_named(named(probes)), meaning=None if words_only else meaning
        )
        tally = shown_tally()
        with ended(tally):
            room = Room(places=places(every.RESULTS), task=task, tally=tally)
            manifest = decontaminate_data(file, against=against, out=out, room=room)
        following = "data mix {out} --general GENERAL --out mixed.jsonl"
        show_step(manifest, out, json=json, aside="removed", following=following)
