"""`weighbridge data raft`: examples that teach to answer from documents."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import options as every
from harness.cli.data import options
from harness.cli.exit_codes import sentences
from reports.plain_text import harmless

if TYPE_CHECKING:
    from training.data.manifest import DataManifest


def raft(
    file: options.File,
    out: options.Out,
    corpus: Annotated[
        Path, typer.Option(help="Documents: JSON lines with id and text, or paragraphs of plain text.")
    ],
    oracle_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of examples that show the document with the answer.")
    ] = 0.7,
    distractors: Annotated[str, typer.Option(help="Other documents shown with each: N, or N..M.")] = "3..4",
    near: Annotated[
        str, typer.Option(help="What makes a distractor near the question: meaning or words.")
    ] = "meaning",
    support: Annotated[
        float, typer.Option(min=0, max=1, help="Share of a reply's words that its quote must hold.")
    ] = 0.5,
    unknown: Annotated[str | None, typer.Option(help="Reply where no document answers.")] = None,
    seed: options.Seed = 0,
    task: options.Task = None,
) -> None:
    """Put documents in front of questions, so that a model learns to quote the right one or say so.

    Each example names its document in `source`, or in a tag document:ID.  Replies quote, word
    for word, the passage that supports them; where only distractors are shown the reply is that
    it does not know.  Examples that no passage supports go to a file of their own with the
    reason.  For example:

      weighbridge data raft qa.jsonl --corpus docs.jsonl --oracle-share 0.7 --out raft.jsonl
    """
    with sentences(stopped=options.STOPPED):
        from harness.errors import UsageError
        from harness.experiments.data_files import Room
        from harness.experiments.progress import ended
        from harness.experiments.raft_data import Near, RaftRequest, raft_data
        from harness.experiments.request import places
        from reports.tally import shown_tally
        from training.data.raft import UNKNOWN, RaftSettings

        if near not in tuple(Near):
            raise UsageError(f"--near is {near!r}: use {' or '.join(Near)}")
        fewest, most = _range(distractors)
        settings = RaftSettings(
            oracle_share=oracle_share,
            fewest=fewest,
            most=most,
            least_support=support,
            unknown=UNKNOWN if unknown is None else unknown,
            seed=seed,
        )
        request = RaftRequest(source=file, corpus=corpus, out=out, settings=settings, near=Near(near))
        tally = shown_tally()
        with ended(tally):
            room = Room(places=places(every.RESULTS), task=task, tally=tally)
            manifest = raft_data(request, room)
        _show(manifest, out)


def _show(manifest: "DataManifest", out: Path) -> None:
    from training.data.rejected import REJECTED
    from training.data.step import aside_path

    counts = manifest.counts
    told = (
        f"{manifest.output.examples} examples written to {out}: {counts['with_oracle']} with their "
        f"document, {counts['distractors_only']} with distractors only; {counts['rejected']} rejected"
        + (f", see {aside_path(out, REJECTED)}." if counts["rejected"] else ".")
    )
    print(harmless(told))


def _range(text: str) -> tuple[int, int]:
    from harness.errors import UsageError

    match = re.fullmatch(r"(\d{1,3})(?:\.\.(\d{1,3}))?", text.strip())
    fewest, most = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= fewest <= most:
        raise UsageError(f"--distractors is {text!r}: write a number from 1, or two such as 3..4")
    return fewest, most
