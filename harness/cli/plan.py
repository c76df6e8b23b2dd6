"""`weighbridge plan`: what a gate takes before it is run."""

from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences


def plan(
    baseline: options.Baseline,
    arms: options.Arms = "zero-shot",
    tasks: options.Tasks = "fractions",
    suites: options.Suites = "",
    policy: options.PolicyFile = None,
    margin: Annotated[
        float | None, typer.Option(help="Margin of every suite, in place of the policy's.")
    ] = None,
    power: Annotated[
        float | None, typer.Option(help="Chance that an equal candidate passes the whole gate.")
    ] = None,
    items: options.Items = None,
    temperature: options.Temperature = None,
    discordance: Annotated[
        float | None, typer.Option(help="Share of items that differ, in place of what was measured.")
    ] = None,
    gain: Annotated[
        float | None, typer.Option(help="True gain of the candidate; 0, or twice the margin for superiority.")
    ] = None,
    price_in: Annotated[float, typer.Option(min=0.0, help="Price of a million tokens in.")] = 0.0,
    price_out: Annotated[float, typer.Option(min=0.0, help="Price of a million tokens out.")] = 0.0,
    price_hour: Annotated[float, typer.Option(min=0.0, help="Price of an hour of the servers.")] = 0.0,
    embedder: options.Embedder = options.EMBEDDER,
    results: options.Results = options.RESULTS,
    max_model_len: options.MaxModelLen = 8192,
    contamination: options.Contamination = None,
    merge_into: options.MergeInto = "as-trained",
    *,
    allow_mismatch: options.AllowMismatch = False,
    json: options.Json = False,
) -> None:
    """Say how many items, tokens, minutes and how much money a gate needs.

    For example:

      weighbridge plan --baseline smollm2-135m --arms rag-3 --margin 0.05 --power 0.95

      weighbridge plan --baseline smollm2-135m --discordance 0.1 --price-hour 2.50

    How much items vary is read from weighbridge noise and from earlier gates in the results folder, those of
    the same baseline, task, arm and temperature; the greatest counts.  Nothing is asked of any model.
    """
    with sentences():
        from harness.cli.show_plan import show_plan
        from harness.config.overrides import overridden
        from harness.config.policy_file import load_policy
        from harness.experiments.request import (
            GateRequest,
            arms_named,
            merge_base_named,
            places,
            suites_named,
            words,
        )
        from harness.experiments.sizing import Assumption, plan_gate, with_design
        from harness.experiments.spending import Prices
        from reports.progress import shown_progress

        request = GateRequest(
            checkpoint=baseline,
            baseline=baseline,
            arms=arms_named(arms),
            tasks=words(tasks),
            suites=suites_named(words(suites)),
            policy=with_design(
                overridden(
                    load_policy(policy),
                    items=items,
                    temperature=temperature,
                    contamination=contamination,
                    allow_mismatch=allow_mismatch,
                ),
                margin=margin,
                power=power,
            ),
            places=places(results, embedder=embedder),
            max_model_len=max_model_len,
            merge_into=merge_base_named(merge_into),
        )
        planned = plan_gate(
            request,
            shown_progress(),
            Assumption(discordance=discordance, gain=gain),
            Prices(million_tokens_in=price_in, million_tokens_out=price_out, hour=price_hour),
        )
        show_plan(planned, json=json)
