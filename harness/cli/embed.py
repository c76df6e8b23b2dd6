"""`weighbridge embed`: train the embedder that finds examples for rag-K."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences


def embed(
    out: Annotated[Path, typer.Option(help="Folder the embedder is left in; must be free.")],
    task: Annotated[
        str, typer.Option(help="Task by name or folder, whose gold pool is searched.")
    ] = "fractions",
    pairs: Annotated[
        Path | None,
        typer.Option(help='JSON lines of "query" and "gold_id"; made of the gold pool otherwise.'),
    ] = None,
    base: Annotated[str, typer.Option(help="Embedder to begin with: minilm or a folder.")] = options.EMBEDDER,
    epochs: Annotated[int, typer.Option(min=1, max=20, help="Rows trained on for each query.")] = 2,
    dims: Annotated[str, typer.Option(help="Lengths at which vectors shall be of use.")] = "64,128,256,384",
    negatives: Annotated[int, typer.Option(min=1, max=32, help="Hard negatives in each row.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Of every draw.")] = 5,
    *,
    json: options.Json = False,
) -> None:
    """Train an embedder on what makes a gold example a good one, and print its recall before and after.

    For example:

      weighbridge embed --task fractions --out ./embedder

      weighbridge eval --checkpoint smollm2-135m --arms rag-3 --embedder ./embedder@128

    Without --pairs, relevance is what near() in the task's task.py says, or else the share of equal input
    fields; the task's items are only measured on.
    """
    with sentences():
        from harness.cli.show_embed import show_embed
        from harness.experiments.embed import EmbedRequest, run_embed, sizes_named
        from harness.experiments.request import places
        from reports.progress import shown_progress
        from training.embeddings.train import EmbedderSettings

        request = EmbedRequest(
            task=task,
            pairs=pairs,
            base=base,
            out=out,
            settings=EmbedderSettings(epochs=epochs, dims=sizes_named(dims), negatives=negatives, seed=seed),
            places=places(options.RESULTS),
        )
        show_embed(run_embed(request, shown_progress()), out, json=json)
