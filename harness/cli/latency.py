"""`weighbridge latency`: how long users of one checkpoint wait, and how many it can carry."""

from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import COULD_NOT_MEASURE, sentences


def latency(
    checkpoint: options.Checkpoint,
    arm: Annotated[
        str, typer.Option(help="One arm: zero-shot, fewshot-K, rag-K or context-K.")
    ] = "zero-shot",
    task: Annotated[str, typer.Option(help="Task by name or folder, whose items are asked.")] = "fractions",
    concurrency: Annotated[int, typer.Option(min=1, help="Requests kept in flight (closed loop).")] = 2,
    rate: Annotated[
        float | None, typer.Option(help="Requests a second at Poisson instants (open loop) instead.")
    ] = None,
    requests: Annotated[int, typer.Option(min=1, help="Requests that are timed, after the warm-up.")] = 500,
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest reply, in tokens.")] = 32,
    slo_ttft: Annotated[
        float, typer.Option(min=0.0, help="Longest good wait for a first token, in s.")
    ] = 2.0,
    slo_tpot: Annotated[float, typer.Option(min=0.0, help="Longest good time per later token, in s.")] = 0.1,
    goodput: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Share of good requests at which a rate is carried.")
    ] = 0.99,
    seed: Annotated[int, typer.Option(min=0, help="Of the schedule and of the order of items.")] = 0,
    embedder: options.Embedder = options.EMBEDDER,
    results: options.Results = options.RESULTS,
    max_model_len: options.MaxModelLen = 8192,
    *,
    find_rate: Annotated[
        bool, typer.Option("--find-rate", help="Search for the highest rate that is carried.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Time one checkpoint's replies: percentiles, goodput, and how well the client itself kept up.

    For example:

      weighbridge latency --checkpoint smollm2-135m --concurrency 8

      weighbridge latency --checkpoint smollm2-135m --rate 4 --slo-ttft 0.5 --slo-tpot 0.03

      weighbridge latency --checkpoint http://host:8000/v1#name --find-rate
    """
    with sentences():
        from harness.cli.show_latency import show_capacity, show_timed
        from harness.domain.arm import parse_arm
        from harness.domain.objective import Objective
        from harness.engine.rate_search import RateSearch
        from harness.experiments import latency as experiment
        from harness.experiments.request import places
        from reports.progress import shown_progress

        chosen = parse_arm(arm.strip())
        request = experiment.LatencyRequest(
            checkpoint=checkpoint,
            arm=chosen,
            task=task,
            places=places(results, embedder=embedder),
            requests=requests,
            max_tokens=max_tokens,
            objective=Objective(ttft_s=slo_ttft, tpot_s=slo_tpot),
            goodput=goodput,
            seed=seed,
            max_model_len=max_model_len,
        )
        if find_rate:
            search = RateSearch(first=1.0 if rate is None else rate)
            found = experiment.find_rate(request, search, shown_progress())
            show_capacity(found, json=json)
            is_told = found.invalid is None
        else:
            pace = experiment.pace_asked(concurrency=concurrency, rate_per_s=rate, seed=seed)
            timed = experiment.run_latency(request, pace, shown_progress())
            show_timed(timed, json=json)
            is_told = timed.summary.invalid is None
    raise SystemExit(0 if is_told else COULD_NOT_MEASURE)
