"""`weighbridge train`: from a recipe to adapters the gate can judge."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import RESUMES, sentences

Recipe = Annotated[
    Path, typer.Argument(help="TOML recipe: base, data, arms, adapter, epochs.", show_default=False)
]
Out = Annotated[Path, typer.Option(help="Folder for the adapters, an epoch each, and what resuming needs.")]
Owner = Annotated[str, typer.Option(help="Who answers for the checkpoint.")]
Review = Annotated[Path | None, typer.Option(help="Review of the data, written by weighbridge data review.")]
Accept = Annotated[
    str | None,
    typer.Option(
        "--accept-unreviewed-by", help="Who takes data that was not read, or not found good, by name."
    ),
]
Set = Annotated[
    list[str] | None, typer.Option("--set", help="KEY=VALUE in place of the recipe's, such as epochs=1.")
]
Estimate = Annotated[bool, typer.Option("--estimate", help="Say what it takes, and train nothing.")]
ScoreEpochs = Annotated[
    bool, typer.Option("--score-epochs", help="Serve every epoch, score it, and choose the one to ship.")
]
Items = Annotated[int, typer.Option(min=1, help="Most validation examples asked of every epoch.")]


def train(
    recipe: Recipe,
    out: Out,
    owner: Owner = "",
    review: Review = None,
    accept_unreviewed_by: Accept = None,
    settings: Set = None,
    items: Items = 40,
    embedder: options.Embedder = options.EMBEDDER,
    *,
    estimate: Estimate = False,
    score_epochs: ScoreEpochs = False,
) -> None:
    """Train an adapter, keeping one an epoch.

    For example:

      weighbridge train recipe.toml --out adapters/first --review review.json --score-epochs

      weighbridge train recipe.toml --out adapters/first --set epochs=1 --estimate

    The same command goes on where a killed one stopped.
    """
    with sentences(stopped=RESUMES):
        from harness.cli.show_training import heard, show_trained
        from harness.experiments.request import places
        from harness.experiments.training import TrainRequest
        from harness.experiments.training import train as run_training
        from reports.training import shown_training
        from training.recipe import load_recipe
        from training.settings import parse_settings

        found = places(out / "scores", embedder=embedder)
        shown = shown_training()
        request = TrainRequest(
            recipe=load_recipe(recipe, parse_settings(settings or [])),
            near=recipe.parent,
            out=out,
            places=found,
            owner=owner,
            review=review,
            accepted_by=accept_unreviewed_by,
            estimate_only=estimate,
        )
        with shown:
            trained = run_training(request, shown.say, heard(shown))
        show_trained(trained)
        if score_epochs and not estimate:
            from harness.cli.show_epochs import show_epochs
            from harness.experiments.epochs import EpochRequest
            from harness.experiments.epochs import score_epochs as choose
            from reports.progress import shown_progress

            show_epochs(choose(EpochRequest(trained=trained, items=items, places=found), shown_progress()))
