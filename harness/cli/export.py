"""`weighbridge export`: an adapter as something to ship, merged into what it was trained on."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences


def export(
    adapter: Annotated[str, typer.Argument(help="Folder of an adapter, or BASE+ADAPTER.")],
    out: Annotated[Path, typer.Argument(help="New folder to fill.")],
    merge_into: options.MergeInto = "as-trained",
    written_as: Annotated[
        str, typer.Option("--format", help="safetensors, int8, gguf-f16 or gguf-q8.")
    ] = "safetensors",
    shard_gib: Annotated[float, typer.Option(min=0.001, help="Most GiB a safetensors file holds.")] = 2.0,
    precision: Annotated[
        str | None, typer.Option(help="What merged weights are rounded to; the machine's own otherwise.")
    ] = None,
    results: options.Results = options.RESULTS,
    *,
    adapter_only: Annotated[
        bool, typer.Option("--adapter-only", help="Keep it apart from its base, for multi-LoRA serving.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Write an adapter as weights to ship, with tokenizer, certificate and a model card.

    It is merged into the base that parity found to be what was trained, or that its certificate
    names where parity was not asked.  For example:

      weighbridge export adapters/fractions shipped/fractions

      weighbridge export adapters/fractions shipped/fractions-gguf --format gguf-q8
    """
    with sentences():
        from harness.cli.show_export import show_export
        from harness.experiments.export import ExportRequest, run_export
        from harness.experiments.request import (
            export_format_named,
            merge_base_named,
            places,
            precision_named,
        )
        from reports.progress import shown_progress

        request = ExportRequest(
            checkpoint=adapter,
            out=out.absolute(),
            places=places(results),
            into=merge_base_named(merge_into),
            written_as=export_format_named(written_as),
            shard_gib=shard_gib,
            precision=precision_named(precision),
            adapter_only=adapter_only,
        )
        show_export(run_export(request, shown_progress()), json=json)
