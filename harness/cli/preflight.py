"""`weighbridge preflight`: whether to train at all."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences

_Base = Annotated[str, typer.Option(help="What would be trained: smollm2-135m, a folder or a hub id.")]
_Data = Annotated[Path, typer.Option(help="JSON lines file of training examples.")]
_Motivation = Annotated[
    str | None, typer.Option(help="strict-format, style, distillation, private-domain, latency or privacy.")
]
_Owner = Annotated[str, typer.Option(help="Who answers for the checkpoint.")]
_Target = Annotated[float | None, typer.Option(help="Mean score training is to reach, in (0, 1].")]
_Task = Annotated[str, typer.Option(help="Task by name or folder.")]
_Audit = Annotated[
    Path | None, typer.Option(help="Report of weighbridge data audit; that beside the data if left out.")
]
_Review = Annotated[Path | None, typer.Option(help="Review of weighbridge data review.")]
_Stronger = Annotated[
    str | None, typer.Option(help="Label of a stronger model, as it was given to weighbridge eval.")
]
_Arms = Annotated[
    str, typer.Option(help="Arms to be served under; zero-shot and the best recorded rag-K otherwise.")
]
_StableDays = Annotated[int, typer.Option(min=0, help="Days that schema and labels must have stood still.")]
_RecipeOut = Annotated[Path | None, typer.Option(help="Where the recipe is written.")]


def preflight(
    base: _Base,
    data: _Data,
    motivation: _Motivation = None,
    owner: _Owner = "",
    target: _Target = None,
    task: _Task = "fractions",
    audit: _Audit = None,
    review: _Review = None,
    stronger: _Stronger = None,
    arms: _Arms = "",
    stable_days: _StableDays = 30,
    recipe_out: _RecipeOut = None,
    results: options.Results = options.RESULTS,
    max_model_len: options.MaxModelLen = 8192,
    *,
    json: options.Json = False,
) -> None:
    """Say whether to train, from what is recorded; with a recipe, or with what to do first.

    For example:

      weighbridge preflight --task fractions --base smollm2-135m --data train.jsonl --audit audit.json
      --review review.json --stronger http://host:8000/v1#large --motivation strict-format --owner Ada
      --target 0.8 --recipe-out recipe.toml

    Exit codes: 0 PROCEED, 1 DO NOT TRAIN, 2 could not tell. Nothing is asked of any model.
    """
    with sentences():
        from datetime import UTC, datetime

        from harness.cli.show_preflight import ADVICE_CODES, show_preflight
        from harness.experiments.preflight import PreflightRequest, motivation_named, run_preflight
        from harness.experiments.request import arms_named, places
        from reports.progress import shown_progress
        from training.preflight.facts import Intent

        request = PreflightRequest(
            task=task,
            base=base,
            data=data,
            intent=Intent(
                motivation=None if motivation is None else motivation_named(motivation),
                owner=owner,
                target=target,
            ),
            places=places(results),
            audit=audit,
            review=review,
            stronger=stronger,
            arms=arms_named(arms),
            stable_days=stable_days,
            max_model_len=max_model_len,
            recipe_out=recipe_out,
        )
        found = run_preflight(request, datetime.now(UTC).date(), shown_progress())
        show_preflight(found, recipe_out, json=json)
    raise SystemExit(ADVICE_CODES[found.checklist.advice])
