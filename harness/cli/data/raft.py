"""`weighbridge data raft`: examples that teach to answer from documents."""

import re
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.exit_codes import sentences


def raft(
    data: Annotated[Path, typer.Argument(help="JSON lines file of examples.", show_default=False)],
    corpus: Annotated[
        Path, typer.Option(help="Documents: JSON lines with id and text, or paragraphs of plain text.")
    ],
    out: Annotated[Path, typer.Option(help="Where the examples are written.")],
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
    task: Annotated[
        str | None, typer.Option(help="Task by name or folder that words examples which hold inputs.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws who sees its document, and the order.")] = 0,
) -> None:
    """Put documents in front of questions, so that a model learns to quote the right one or say so.

    Each example names its document in `source`, or in a tag document:ID.  Replies quote, word
    for word, the passage that supports them; where only distractors are shown the reply is that
    it does not know.  Examples that no passage supports go to a file of their own with the
    reason.  For example:

      weighbridge data raft qa.jsonl --corpus docs.jsonl --oracle-share 0.7 --out raft.jsonl
    """
    with sentences():
        from harness.config.task_folder import find_task, load_task
        from harness.errors import UsageError
        from harness.experiments.raft_data import Near, RaftRequest, raft_data
        from harness.experiments.request import places
        from reports.progress import shown_progress
        from training.data.raft import UNKNOWN, RaftSettings
        from training.data.rejected import rejected_path

        where = places(Path("results"))
        if near not in tuple(Near):
            raise UsageError(f"--near is {near!r}: use {' or '.join(Near)}")
        fewest, most = _range(distractors)
        request = RaftRequest(
            data=data,
            corpus=corpus,
            out=out,
            settings=RaftSettings(
                oracle_share=oracle_share,
                fewest=fewest,
                most=most,
                least_support=support,
                unknown=UNKNOWN if unknown is None else unknown,
                seed=seed,
            ),
            near=Near(near),
            task=None if task is None else load_task(find_task(task, tasks_dir=where.tasks)),
        )
        progress = shown_progress()
        try:
            manifest = raft_data(request, where, progress.say)
        finally:
            progress.end()
        counts = manifest.counts
        print(
            f"{manifest.output.examples} examples written to {out}: {counts['with_oracle']} with their "
            f"document, {counts['distractors_only']} with distractors only; {counts['rejected']} rejected"
            + (f", see {rejected_path(out)}." if counts["rejected"] else ".")
        )


def _range(text: str) -> tuple[int, int]:
    from harness.errors import UsageError

    match = re.fullmatch(r"(\d{1,3})(?:\.\.(\d{1,3}))?", text.strip())
    fewest, most = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= fewest <= most:
        raise UsageError(f"--distractors is {text!r}: write a number from 1, or two such as 3..4")
    return fewest, most
