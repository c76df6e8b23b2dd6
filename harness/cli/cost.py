"""`weighbridge cost`: what a good answer costs on every rung."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences

_Folder = Annotated[Path, typer.Argument(help="A decision's or gate's folder, as it was printed.")]
_PriceIn = Annotated[float, typer.Option(help="Price of a million tokens in.")]
_PriceOut = Annotated[float, typer.Option(help="Price of a million tokens out.")]
_GpuSecond = Annotated[float, typer.Option(help="Price of a second of the servers.")]
_TrainingCost = Annotated[
    float | None,
    typer.Option(help="Price of one training; its recorded seconds at --gpu-second-price when left out."),
]
_Retrain = Annotated[float | None, typer.Option(help="Days after which training is paid for again.")]
_Daily = Annotated[float | None, typer.Option(help="Answers given a day.")]
_Good = Annotated[float, typer.Option(help="Score from which on an answer is good.")]
_PromptWeight = Annotated[
    float, typer.Option(help="Time that a token of a prompt takes, in those of a reply.")
]
_Task = Annotated[str | None, typer.Option(help="The task, where the folder holds several.")]


def cost(
    folder: _Folder,
    price_in: _PriceIn = 0.0,
    price_out: _PriceOut = 0.0,
    gpu_second_price: _GpuSecond = 0.0,
    training_cost: _TrainingCost = None,
    retrain_every_days: _Retrain = None,
    answers_per_day: _Daily = None,
    good: _Good = 0.8,
    prompt_weight: _PromptWeight = 0.1,
    task: _Task = None,
    *,
    json: options.Json = False,
) -> None:
    """Say what a thousand good answers cost on every rung, and when training pays for itself.

    For example:

      weighbridge cost results/gates/0123456789ab-1 --price-in 0.15 --price-out 0.60 --training-cost 40

      weighbridge cost results/gates/0123456789ab-1 --gpu-second-price 0.0007 --answers-per-day 5000
      --retrain-every-days 30

    Tokens are those that were measured. Nothing is asked of any model.
    """
    with sentences():
        from harness.cli.show import print_json
        from harness.cli.show_cost import as_json
        from harness.domain.cost import Tariff
        from harness.experiments.cost import run_cost
        from reports.cost import write_cost

        tariff = Tariff(
            million_in=price_in,
            million_out=price_out,
            gpu_second=gpu_second_price,
            training=training_cost,
            retrain_every_days=retrain_every_days,
            answers_per_day=answers_per_day,
            good=good,
            prompt_weight=prompt_weight,
        )
        found = run_cost(folder, tariff, task=task)
        if json:
            print_json(as_json(found))
        else:
            write_cost(found)
