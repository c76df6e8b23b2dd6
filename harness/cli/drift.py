"""`weighbridge drift`: whether users ask for something else than was trained on, and who trains anew."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import REMEDY_CODES, sentences

_Live = Annotated[Path, typer.Argument(help="JSON lines of live or shadow requests, one a line.")]
_Data = Annotated[str, typer.Option(help="Examples that were trained on, as training read them.")]
_Checkpoint = Annotated[
    str | None,
    typer.Option(help="What was trained on them, such as BASE+ADAPTER: its certificate and scores."),
]
_Task = Annotated[str | None, typer.Option(help="Task that words inputs, and whose gold pool is looked at.")]
_Owner = Annotated[str, typer.Option(help="Who answers for the checkpoint; else the one in its certificate.")]
_Every = Annotated[int, typer.Option(min=1, help="Days after which it is trained anew in any case.")]
_Within = Annotated[int, typer.Option(min=1, help="Days in which what was found has to be acted on.")]
_Embedder = Annotated[
    str,
    typer.Option(
        help="Who says how alike inputs are: minilm, a FOLDER of weighbridge embed, or FOLDER@DIMS."
    ),
]


def drift(
    live: _Live,
    data: _Data,
    checkpoint: _Checkpoint = None,
    task: _Task = None,
    owner: _Owner = "",
    every_days: _Every = 90,
    within_days: _Within = 14,
    embedder: _Embedder = options.EMBEDDER,
    results: options.Results = options.RESULTS,
    *,
    json: options.Json = False,
) -> None:
    """Compare live inputs with training, and say whether to train anew, who does it and by when.

    For example:

      weighbridge drift shadow.jsonl --data train.jsonl --checkpoint smollm2-135m+adapters/mixed/epoch-1

    Recorded scores and the gold pool are looked at too. Exit codes: 0 KEEP, 1 RETRAIN, 2 could not tell,
    3 LOOK AGAIN.
    """
    with sentences(stopped="stopped; run the same command again"):
        from datetime import UTC, datetime

        from harness.cli.show_drift import show_drift
        from harness.experiments.data_files import counted_embedder
        from harness.experiments.drift import DriftRequest, Embedding, look
        from harness.experiments.progress import ended
        from harness.experiments.request import places
        from reports.tally import shown_tally
        from serving.embedder_choice import embedder_name

        tally, where = shown_tally(), places(results, embedder=embedder)
        request = DriftRequest(
            live=live,
            data=data,
            places=where,
            task=task,
            checkpoint=checkpoint,
            owner=owner,
            every_days=every_days,
            within_days=within_days,
        )
        with ended(tally):
            name = embedder_name(where.embedder, cache=where.cache)
            embedding = Embedding(name=name, embed=counted_embedder(where, tally))
            report, kept = look(request, embedding, datetime.now(UTC).date(), tally)
        show_drift(report, kept, json=json)
    raise SystemExit(REMEDY_CODES[report.recommendation.remedy])
