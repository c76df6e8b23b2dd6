"""`weighbridge data STEP`: from raw examples to a training set, one verb a module."""

import typer

from harness.cli.data import audit, decontaminate, dedup, draw, mix, raft, review, synthesize

app = typer.Typer(
    name="data",
    help="From raw examples to a training set; every step leaves a manifest beside the file it writes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("draw")(draw.draw)
app.command("audit")(audit.audit)
app.command("dedup")(dedup.dedup)
app.command("decontaminate")(decontaminate.decontaminate)
app.command("mix")(mix.mix)
app.command("raft")(raft.raft)
app.command("review")(review.review)
app.command("synthesize")(synthesize.synthesize)
