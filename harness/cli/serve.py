"""`weighbridge serve`: serve a checkpoint the way a gate would, until Ctrl-C."""

from dataclasses import replace
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences

_WATCH_S = 1.0


def serve(
    checkpoint: options.Checkpoint,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Loopback port; any free one.")] = None,
    results: options.Results = options.RESULTS,
    max_model_len: options.MaxModelLen = 8192,
) -> None:
    """Serve a checkpoint on a loopback port and print its endpoint, until Ctrl-C.

    For example:

      weighbridge serve --checkpoint smollm2-135m --port 8000
    """
    with sentences(stopped="stopped serving"):
        import time

        from harness.experiments.prepare import servable
        from harness.experiments.progress import ended
        from harness.experiments.request import places
        from harness.experiments.wiring import serving
        from reports.progress import shown_progress
        from serving.deployment import plan_deployment
        from serving.hardware import hardware

        progress = shown_progress()
        machine = hardware()
        where = places(results)
        with ended(progress):
            found = servable(
                checkpoint, cache=where.cache, machine=machine, max_model_len=max_model_len, progress=progress
            )
        specs = [replace(spec, port=port) for spec in plan_deployment([found], machine).servers]
        with ended(progress), serving([found], specs, where, progress) as up:
            progress.end()
            endpoint = up.endpoints[found.digest]
            print(f"{endpoint.url}#{endpoint.model}", flush=True)
            while True:
                up.check()
                time.sleep(_WATCH_S)
