"""`weighbridge data draw`: solved examples for a task that has a generator."""

from typing import Annotated

import typer

from harness.cli import options as every
from harness.cli.data import options
from harness.cli.exit_codes import sentences


def draw(
    task: Annotated[str, typer.Option(help="Task by name or folder.")],
    count: Annotated[int, typer.Option(min=1, help="How many examples.")],
    out: options.Out,
    seed: options.Seed = 5,
    *,
    json: every.Json = False,
) -> None:
    """Draw solved examples from a task's seeded generator, none of them an item or a gold example.

    The generator is draw(count, seed) in the task's generate.py; without one the examples come from the
    task's gold pool.  For example:

      weighbridge data draw --task fractions --count 360 --seed 7 --out train.jsonl
    """
    with sentences(stopped=options.STOPPED):
        from harness.cli.data.shown import show_step
        from harness.experiments.data_draw import GOLD, draw_data
        from harness.experiments.request import places

        manifest = draw_data(task, count=count, seed=seed, out=out, places=places(every.RESULTS))
        show_step(manifest, out, json=json, following="data audit {out}")
        if manifest.settings["from"] == GOLD and not json:
            print(
                f"Note:    task {task} has no generator with draw(count, seed): these are gold\n"
                "         examples, which arms with examples show in prompts too."
            )
