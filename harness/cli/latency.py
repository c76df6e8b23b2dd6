"""`weighbridge latency`: how long users of one checkpoint wait, and how many it can carry."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import COULD_NOT_MEASURE, sentences
from harness.cli.option_groups import opened

if TYPE_CHECKING:
    from harness.domain.objective import Objective

_Arm = Annotated[str, typer.Option(help="One arm: zero-shot, fewshot-K, rag-K or context-K.")]
_Task = Annotated[str, typer.Option(help="Task by name or folder, whose items are asked.")]
_InFlight = Annotated[int, typer.Option(min=1, help="Requests kept in flight (closed loop).")]
_Rate = Annotated[
    float | None, typer.Option(help="Requests a second at Poisson instants instead (open loop).")
]
_Requests = Annotated[int, typer.Option(min=1, help="Requests that are timed, after the warm-up.")]
_MaxTokens = Annotated[int, typer.Option(min=1, help="Longest reply, in tokens.")]
_SloTtft = Annotated[
    float | None, typer.Option(min=0.0, help="Longest good wait for a first token, in s (2.0).")
]
_SloTpot = Annotated[
    float | None, typer.Option(min=0.0, help="Longest good time per later token, in s (0.1).")
]
_Goodput = Annotated[
    float, typer.Option(min=0.01, max=1.0, help="Share of good requests at which a rate is carried.")
]
_Seed = Annotated[int, typer.Option(min=0, help="Of the schedule and of the order of items.")]
_Interactive = Annotated[
    bool, typer.Option("--interactive", help="Objective of 0.5 s and 0.03 s where none is given.")
]
_FindRate = Annotated[bool, typer.Option("--find-rate", help="Search for the highest rate that is carried.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodRequests:
    """The options that say what a good request is."""

    slo_ttft: _SloTtft = None
    slo_tpot: _SloTpot = None
    interactive: _Interactive = False

    @property
    def objective(self) -> "Objective":
        """The waits that are good, the usual ones where none is given."""
        from harness.domain.objective import INTERACTIVE, Objective

        usual = INTERACTIVE if self.interactive else Objective()
        return Objective(
            ttft_s=usual.ttft_s if self.slo_ttft is None else self.slo_ttft,
            tpot_s=usual.tpot_s if self.slo_tpot is None else self.slo_tpot,
        )


@opened
def latency(
    checkpoint: options.Checkpoint,
    arm: _Arm = "zero-shot",
    task: _Task = "fractions",
    concurrency: _InFlight = 2,
    rate: _Rate = None,
    requests: _Requests = 500,
    max_tokens: _MaxTokens = 32,
    goodput: _Goodput = 0.99,
    seed: _Seed = 0,
    embedder: options.Embedder = options.EMBEDDER,
    results: options.Results = options.RESULTS,
    max_model_len: options.MaxModelLen = 8192,
    *,
    good: GoodRequests,
    find_rate: _FindRate = False,
    json: options.Json = False,
) -> None:
    """Time one checkpoint's replies: percentiles, goodput, and how well the client itself kept up.

    For example:

      weighbridge latency --checkpoint smollm2-135m --concurrency 8

      weighbridge latency --checkpoint smollm2-135m --rate 4 --interactive

      weighbridge latency --checkpoint http://host:8000/v1#name --find-rate
    """
    with sentences():
        from harness.cli.show_latency import show_capacity, show_timed
        from harness.domain.arm import parse_arm
        from harness.experiments import capacity
        from harness.experiments import latency as experiment
        from harness.experiments.request import places
        from reports.progress import shown_progress

        request = experiment.LatencyRequest(
            checkpoint=checkpoint,
            arm=parse_arm(arm.strip()),
            task=task,
            places=places(results, embedder=embedder),
            requests=requests,
            max_tokens=max_tokens,
            objective=good.objective,
            goodput=goodput,
            seed=seed,
            max_model_len=max_model_len,
        )
        if find_rate:
            found = capacity.find_rate(request, rate, shown_progress())
            show_capacity(found, json=json)
            is_told = found.invalid is None
        else:
            pace = experiment.pace_asked(concurrency=concurrency, rate_per_s=rate, seed=seed)
            timed = experiment.run_latency(request, pace, shown_progress())
            show_timed(timed, json=json)
            is_told = timed.summary.invalid is None
    raise SystemExit(0 if is_told else COULD_NOT_MEASURE)
