"""`weighbridge data STEP`: from raw examples to a training set, one verb a module."""

import typer

from harness.cli.data import raft, review, synthesize

app = typer.Typer(
    name="data",
    help="From raw examples to a training set; every step leaves a manifest beside the file it writes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("raft")(raft.raft)
app.command("review")(review.review)
app.command("synthesize")(synthesize.synthesize)
