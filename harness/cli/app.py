"""The verbs of `weighbridge`, each in a module of its own."""

import typer

from harness.cli import (
    compare,
    cost,
    data,
    decide,
    demo,
    drift,
    embed,
    evaluate,
    experiment,
    export,
    gate,
    judge,
    latency,
    nightly,
    noise,
    parity,
    plan,
    preflight,
    publish,
    report,
    results,
    review,
    serve,
    train,
    trend,
    verify,
)

app = typer.Typer(
    name="weighbridge",
    help="May this fine-tuned checkpoint ship, and did fine-tuning earn its place over a prompted baseline?",
    epilog="Exit codes: 0 PASSED, 1 REGRESSED, 2 INVALID or could not measure, 3 INCONCLUSIVE.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("gate")(gate.gate)
app.command("decide")(decide.decide)
app.command("cost")(cost.cost)
app.command("latency")(latency.latency)
app.command("noise")(noise.noise)
app.command("plan")(plan.plan)
app.command("eval")(evaluate.evaluate)
app.command("compare")(compare.compare)
app.command("preflight")(preflight.preflight)
app.command("train")(train.train)
app.command("parity")(parity.parity)
app.command("export")(export.export)
app.command("experiment")(experiment.experiment)
app.command("drift")(drift.drift)
app.command("embed")(embed.embed)
app.command("serve")(serve.serve)
app.command("verify")(verify.verify)
app.command("review")(review.review)
app.command("judge")(judge.judge)
app.command("report")(report.report)
app.command("publish")(publish.publish)
app.command("trend")(trend.trend)
app.command("nightly")(nightly.nightly)
app.add_typer(data.app, name="data")
app.add_typer(results.app, name="results")
