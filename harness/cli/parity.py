"""`weighbridge parity`: is an adapter served as it was trained, token for token, weight for weight."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences

_DOES_NOT_HOLD = 1

_Task = Annotated[
    str | None, typer.Option(help="Task whose gold examples are looked at; the certificate's otherwise.")
]
_Arms = Annotated[
    str | None, typer.Option(help="Arms to render through, in turn; the certificate's otherwise.")
]
_Data = Annotated[
    Path | None, typer.Option(help="JSON lines of training examples to look at, in place of a task's.")
]
_Conversations = Annotated[int, typer.Option(min=1, help="Most conversations looked at.")]
_Precision = Annotated[
    str | None, typer.Option(help="What merged weights are rounded to; the machine's own otherwise.")
]
_Endpoint = Annotated[
    str | None, typer.Option(help="Server to compare with, http://host:8000/v1#name, not one of our own.")
]
_Server = Annotated[bool, typer.Option(help="Also compare with a running server.")]
_InPlace = Annotated[
    bool, typer.Option("--in-place", help="Also measure a merge into the 4-bit weights themselves.")
]


def parity(
    checkpoint: options.Checkpoint,
    task: _Task = None,
    arms: _Arms = None,
    data: _Data = None,
    conversations: _Conversations = 50,
    merge_into: options.MergeInto = "as-trained",
    precision: _Precision = None,
    endpoint: _Endpoint = None,
    embedder: options.Embedder = options.EMBEDDER,
    results: options.Results = options.RESULTS,
    max_model_len: options.MaxModelLen = 8192,
    *,
    server: _Server = True,
    in_place: _InPlace = False,
    json: options.Json = False,
) -> None:
    """Compare an adapter as it was trained with how it is served: tokens, log-probabilities and loss.

    Exit code 0 means that it is served as trained, 1 that it is not, 2 that it could not be
    measured.  What was found is left beside the adapter, as parity.json.  For example:

      weighbridge parity --checkpoint adapters/fractions --arms zero-shot,rag-3

      weighbridge parity --checkpoint adapters/fractions --merge-into full --no-server --in-place
    """
    with sentences():
        from harness.cli.show_parity import show_parity
        from harness.experiments.parity import ParityRequest, run_parity
        from harness.experiments.request import arms_named, merge_base_named, places, precision_named
        from reports.progress import shown_progress

        request = ParityRequest(
            checkpoint=checkpoint,
            places=places(results, embedder=embedder),
            task=task,
            arms=() if arms is None else arms_named(arms),
            data=data,
            conversations=conversations,
            into=merge_base_named(merge_into),
            precision=precision_named(precision),
            server=server,
            endpoint=endpoint,
            in_place=in_place,
            max_model_len=max_model_len,
        )
        found = run_parity(request, shown_progress())
        show_parity(found, json=json)
    raise SystemExit(0 if found.holds else _DOES_NOT_HOLD)
