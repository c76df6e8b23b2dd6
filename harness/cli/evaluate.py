"""`weighbridge eval`: score one checkpoint alone, without a verdict."""

from dataclasses import replace

from harness.cli import options
from harness.cli.exit_codes import RESUMES, sentences
from harness.cli.measuring import Measuring
from harness.cli.option_groups import opened


@opened
def evaluate(
    checkpoint: options.Checkpoint,
    arms: options.Arms = "zero-shot",
    tasks: options.Tasks = "fractions",
    certificate: options.Certificate = None,
    concurrency: options.Concurrency = 48,
    *,
    measuring: Measuring,
    json: options.Json = False,
) -> None:
    """Score one checkpoint on tasks and print means; decides nothing.

    For example:

      weighbridge eval --checkpoint smollm2-135m --arms zero-shot,rag-3 --tasks fractions --items 50
    """
    with sentences(stopped=RESUMES):
        from harness.cli.show import show_scores
        from harness.domain.policy import Policy
        from harness.experiments.gate import run_gate
        from harness.experiments.request import Purpose
        from reports.progress import shown_progress

        request = replace(
            measuring.request(checkpoint, checkpoint, arms=arms, tasks=tasks, policy=Policy()),
            certificate=certificate,
            concurrency=concurrency,
            purpose=Purpose.SCORE,
        )
        report = run_gate(request, shown_progress())
        show_scores(report, json=json)
