"""`weighbridge data mix`: focused data with its share of general instructions and refusals."""

from typing import Annotated

import typer

from harness.cli import options as every
from harness.cli.data import options
from harness.cli.exit_codes import sentences


def mix(
    focused: options.File,
    out: options.Out,
    general: Annotated[
        str | None, typer.Option(help="General instruction data, in any of the same forms.")
    ] = None,
    refusals: Annotated[
        str | None,
        typer.Option(help="Examples that say they do not know; those in --general when left out."),
    ] = None,
    general_share: Annotated[
        float, typer.Option(help="General examples as a share of all; 0.1 to 0.2 is customary.")
    ] = 0.15,
    refusal_share: Annotated[
        float, typer.Option(help="Refusals as a share of all, those among the focused included.")
    ] = 0.0,
    dilute: Annotated[
        float | None,
        typer.Option(help="General examples for each focused one, in place of --general-share."),
    ] = None,
    seed: options.Seed = 5,
    task: options.Task = None,
    *,
    json: every.Json = False,
) -> None:
    """Mix all focused examples with general ones and refusals, in a seeded order.

    A larger share, or dilution, draws the same examples and more.  For example:

      weighbridge data mix clean.jsonl --general general.jsonl --general-share 0.15 --out mixed.jsonl
    """
    with sentences(stopped=options.STOPPED):
        from harness.cli.data.shown import show_step
        from harness.experiments.data_files import Room
        from harness.experiments.data_steps import Sources, mix_data
        from harness.experiments.progress import ended
        from harness.experiments.request import places
        from reports.tally import shown_tally
        from training.data.mix import MixSettings

        settings = MixSettings(
            general_share=general_share, refusal_share=refusal_share, dilute=dilute, seed=seed
        )
        tally = shown_tally()
        with ended(tally):
            room = Room(places=places(every.RESULTS), task=task, tally=tally)
            sources = Sources(focused=focused, general=general, refusals=refusals)
            manifest = mix_data(sources, settings=settings, out=out, room=room)
        show_step(manifest, out, json=json, following="data review {out}")
