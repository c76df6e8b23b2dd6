"""`weighbridge plan`: what a gate takes before it is run."""

from dataclasses import replace
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences
from harness.cli.measuring import Measuring
from harness.cli.option_groups import opened

_Margin = Annotated[float | None, typer.Option(help="Margin of every suite, in place of the policy's.")]
_Power = Annotated[float | None, typer.Option(help="Chance that an equal candidate passes the whole gate.")]
_Discordance = Annotated[
    float | None, typer.Option(help="Share of items that differ, in place of what was measured.")
]
_Gain = Annotated[
    float | None, typer.Option(help="True gain of the candidate; 0, or twice the margin for superiority.")
]
_PriceIn = Annotated[float, typer.Option(min=0.0, help="Price of a million tokens in.")]
_PriceOut = Annotated[float, typer.Option(min=0.0, help="Price of a million tokens out.")]
_PriceHour = Annotated[float, typer.Option(min=0.0, help="Price of an hour of the servers.")]


@opened
def plan(
    baseline: options.Baseline,
    arms: options.Arms = "zero-shot",
    tasks: options.Tasks = "fractions",
    suites: options.Suites = "",
    policy: options.PolicyFile = None,
    margin: _Margin = None,
    power: _Power = None,
    discordance: _Discordance = None,
    gain: _Gain = None,
    price_in: _PriceIn = 0.0,
    price_out: _PriceOut = 0.0,
    price_hour: _PriceHour = 0.0,
    *,
    measuring: Measuring,
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
        from harness.config.policy_file import load_policy
        from harness.experiments.request import suites_named, words
        from harness.experiments.sizing import Assumption, plan_gate, with_design
        from harness.experiments.spending import Prices
        from reports.progress import shown_progress

        asked = measuring.request(baseline, baseline, arms=arms, tasks=tasks, policy=load_policy(policy))
        request = replace(
            asked,
            suites=suites_named(words(suites)),
            policy=with_design(asked.policy, margin=margin, power=power),
        )
        prices = Prices(million_tokens_in=price_in, million_tokens_out=price_out, hour=price_hour)
        assumed = Assumption(discordance=discordance, gain=gain)
        show_plan(plan_gate(request, shown_progress(), assumed, prices), json=json)
