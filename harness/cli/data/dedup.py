"""`weighbridge data dedup`: one example of each kind."""

from typing import Annotated

import typer

from harness.cli import options as every
from harness.cli.data import options
from harness.cli.exit_codes import sentences


def dedup(
    file: options.File,
    out: options.Out,
    task: options.Task = None,
    by: Annotated[
        str, typer.Option(help="Ways of being alike, separated by commas: exact, wording, meaning.")
    ] = "exact,wording,meaning",
    wording: Annotated[
        float, typer.Option(help="Share of runs of three words in common from which two are alike.")
    ] = 0.7,
    meaning: Annotated[float, typer.Option(help="Cosine of embeddings from which two are alike.")] = 0.95,
    *,
    json: every.Json = False,
) -> None:
    """Keep the first of examples that are equal, nearly equal word for word, or alike in meaning.

    Examples whose numbers, negations or labels differ are never alike.  What went, and for which example,
    is listed beside the output.  For example:

      weighbridge data dedup train.jsonl --out unique.jsonl
    """
    with sentences(stopped=options.STOPPED):
        from harness.cli.data.shown import show_step
        from harness.experiments.data_files import Room
        from harness.experiments.data_steps import dedup_data
        from harness.experiments.progress import ended
        from harness.experiments.request import places
        from harness.experiments.request import words as named
        from reports.tally import shown_tally
        from training.data.dedup import DedupSettings, ways_named

        settings = DedupSettings(ways=ways_named(named(by)), wording=wording, meaning=meaning)
        tally = shown_tally()
        with ended(tally):
            room = Room(places=places(every.RESULTS), task=task, tally=tally)
            manifest = dedup_data(file, out=out, settings=settings, room=room)
        following = "data decontaminate {out} --tasks fractions --out clean.jsonl"
        show_step(manifest, out, json=json, aside="groups", following=following)
