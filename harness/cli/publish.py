"""`weighbridge publish`: a gate to where a team looks: MLflow, W&B and a model card."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences


def publish(
    gate: Annotated[Path, typer.Argument(help="A gate's folder, as its verdict printed it.")],
    mlflow: Annotated[
        str, typer.Option(help="Log a run here: http://host:port of a server, or a folder.")
    ] = "",
    wandb: Annotated[str, typer.Option(help="Log a run to this project of Weights & Biases.")] = "",
    card: Annotated[
        Path | None, typer.Option(help="Write the section on evaluation of this model card, a README.md.")
    ] = None,
    experiment: Annotated[str, typer.Option(help="The experiment of MLflow that runs are logged to.")] = (
        "weighbridge"
    ),
    step: Annotated[
        int,
        typer.Option(min=0, help="Where in its training the checkpoint stands; figures are drawn over it"),
    ] = 0,
    tasks: options.OwnTasks = "",
) -> None:
    """Send a finished gate to where a team looks; the same gate twice is one run and one section.

    MLflow and W&B take figures, digests and files, the card a table with intervals, how to
    reproduce it, and what the Hugging Face hub reads.  For example:

      weighbridge publish results/gates/0123456789ab-1 --mlflow http://127.0.0.1:5000

      weighbridge publish results/gates/0123456789ab-1 --wandb my-project --card merged/README.md
    """
    with sentences(stopped="stopped; run the same command again, what was sent is found there"):
        from harness.cli.written import write_out
        from harness.errors import UsageError
        from harness.experiments.gate_record import gate_record
        from harness.experiments.publish import card_text, parcel, require_publishable
        from harness.experiments.request import places, words

        if not (mlflow or wandb or card):
            raise UsageError("nowhere to publish to: give --mlflow, --wandb or --card")
        record = gate_record(gate, tasks=words(tasks), tasks_dir=places(options.RESULTS).tasks)
        require_publishable(record)
        if mlflow or wandb:
            from reports.drawing import require_drawing
            from reports.gate.page import gate_page
            from reports.tracking.mlflow_run import log_to_mlflow
            from reports.tracking.wandb_run import log_to_wandb

            require_drawing()
            sent = parcel(record, page=gate_page(record), step=step)
            if mlflow:
                print(f"mlflow: run {log_to_mlflow(sent, mlflow, experiment=experiment)} at {mlflow}")
            if wandb:
                print(f"wandb: {log_to_wandb(sent, project=wandb)}")
        if card is not None:
            write_out(card, card_text(record, card))
