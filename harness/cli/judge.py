"""`weighbridge judge`: a language model judges the replies of a gate by a rubric."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import RESUMES, sentences
from harness.cli.review import show_reads


def judge(
    gate: Annotated[Path, typer.Argument(help="A finished gate's folder, as it was printed.")],
    tasks: Annotated[
        str, typer.Option(help="Folders of tasks of your own that the gate asked, by commas.")
    ] = "",
    concurrency: Annotated[int, typer.Option(min=1, help="Requests in flight.")] = 8,
    *,
    json: options.Json = False,
) -> None:
    """Have the judge that a task's judge.toml names say which replies of a gate it accepts.

    Every pair of replies is asked in both orders; where the answers differ it is a tie.  What was
    judged is not asked again.  Where the gate's policy asks for a judge and people bear it out, it
    counts in the verdict, and the exit code is that of the verdict.  For example:

      weighbridge judge results/gates/0123456789ab-1 --tasks ./my-task
    """
    with sentences(stopped=RESUMES):
        from harness.experiments.judge_gate import JudgeRequest, judge_gate
        from harness.experiments.request import places, words
        from harness.experiments.review_gate import finished
        from reports.progress import shown_progress

        request = JudgeRequest(
            gate=gate, tasks=words(tasks), places=places(options.RESULTS), concurrency=concurrency
        )
        judge_gate(request, shown_progress())
        code = show_reads(finished(gate), json=json)
    raise SystemExit(code)
