"""`weighbridge gate`: weigh a checkpoint against a baseline."""

from dataclasses import replace

from harness.cli import options
from harness.cli.exit_codes import EXIT_CODES, RESUMES, sentences
from harness.cli.measuring import Measuring
from harness.cli.option_groups import opened


@opened
def gate(
    checkpoint: options.Checkpoint,
    baseline: options.Baseline,
    arms: options.Arms = "zero-shot",
    baseline_arm: options.BaselineArm = None,
    anchor: options.Anchor = None,
    tasks: options.Tasks = "fractions",
    suites: options.Suites = "",
    policy: options.PolicyFile = None,
    certificate: options.Certificate = None,
    concurrency: options.Concurrency = 48,
    *,
    measuring: Measuring,
    allow_underpowered: options.AllowUnderpowered = False,
    json: options.Json = False,
) -> None:
    """Weigh a checkpoint against a baseline and give a verdict.

    For example:

      weighbridge gate --checkpoint ./merged --baseline smollm2-135m --arms zero-shot,rag-3

      weighbridge gate --checkpoint smollm2-135m+./adapter --baseline smollm2-135m --tasks ./my-task

      weighbridge gate --checkpoint ./release-9 --baseline ./release-8 --anchor ./release-1

    The same command goes on where a killed one stopped.
    """
    with sentences(stopped=RESUMES):
        from harness.cli.show import show_report
        from harness.config.overrides import overridden
        from harness.config.policy_file import load_policy
        from harness.experiments.gate import run_gate
        from harness.experiments.request import arm_named, suites_named, words
        from reports.progress import shown_progress

        demanded = overridden(load_policy(policy), anchor=anchor)
        request = replace(
            measuring.request(checkpoint, baseline, arms=arms, tasks=tasks, policy=demanded),
            baseline_arm=arm_named(baseline_arm),
            suites=suites_named(words(suites)),
            certificate=certificate,
            concurrency=concurrency,
            allow_underpowered=allow_underpowered,
        )
        report = run_gate(request, shown_progress())
        show_report(report, json=json)
    raise SystemExit(EXIT_CODES[report.verdict.status])
