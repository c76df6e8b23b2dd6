"""`weighbridge decide`: whether fine-tuning has earned its place."""

from dataclasses import replace
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import RESUMES, RULING_CODES, sentences
from harness.cli.measuring import Measuring
from harness.cli.option_groups import opened

_Base = Annotated[
    str, typer.Option(help="What is prompted: smollm2-135m, a folder, a hub id or http://host:8000/v1#name.")
]
_Tuned = Annotated[str, typer.Option(help="What was trained on it: BASE+ADAPTER, a folder or an endpoint.")]
_Task = Annotated[str, typer.Option(help="Task by name or folder.")]
_Stronger = Annotated[
    str | None, typer.Option(help="A stronger model to prompt instead, such as http://host:8000/v1#large.")
]
_Gain = Annotated[float, typer.Option(help="Points that training must add to every prompt to be worth it.")]
_Finalists = Annotated[
    bool,
    typer.Option(
        "--finalists",
        help="Where training earns its place, ask the other suites too, against the best prompt of the base.",
    ),
]
_Margin = Annotated[float, typer.Option(help="Points that a cheaper rung may lack of another of its kind.")]


@opened
def decide(
    base: _Base,
    tuned: _Tuned,
    arms: options.Arms = "zero-shot,fewshot-3,rag-3",
    task: _Task = "fractions",
    stronger: _Stronger = None,
    gain: _Gain = 5.0,
    margin: _Margin = 5.0,
    policy: options.PolicyFile = None,
    certificate: options.Certificate = None,
    concurrency: options.Concurrency = 48,
    *,
    measuring: Measuring,
    finalists: _Finalists = False,
    json: options.Json = False,
) -> None:
    """Say which rung of the ladder to stand on: a prompt, RAG, a stronger model, or fine-tuning.

    For example:

      weighbridge decide --base smollm2-135m --tuned smollm2-135m+./adapter --arms zero-shot,fewshot-3,rag-3

    Both checkpoints answer the same items under every arm. Exit codes: 0 TRAIN, 1 DO NOT TRAIN, 2 INVALID
    or could not measure, 3 INCONCLUSIVE. The same command goes on where a killed one stopped.
    """
    with sentences(stopped=RESUMES):
        from harness.cli.show_decision import show_decision
        from harness.config.policy_file import load_policy
        from harness.domain.decision import LadderTerms
        from harness.experiments.decide import run_decision
        from harness.experiments.finals import finals_request
        from harness.experiments.ladder_request import ladder_request
        from reports.progress import shown_progress

        request = replace(
            measuring.request(tuned, base, arms=arms, tasks=task, policy=load_policy(policy)),
            concurrency=concurrency,
            certificate=certificate,
        )
        terms = LadderTerms(gain=gain / 100, margin=margin / 100, finalists=finalists)
        report = run_decision(
            ladder_request(request, terms, stronger=stronger),
            shown_progress(),
            finals=finals_request(request) if finalists else None,
        )
        gate = {
            "--checkpoint": tuned,
            "--baseline": base,
            "--tasks": task,
            "--policy": policy,
            "--certificate": certificate,
        }
        show_decision(report, {**gate, **measuring.repeated}, json=json)
    raise SystemExit(RULING_CODES[report.decision.ruling])
