"""`weighbridge gate`: weigh a checkpoint against a baseline."""

from harness.cli import options
from harness.cli.exit_codes import EXIT_CODES, RESUMES, sentences


def gate(
    checkpoint: options.Checkpoint,
    baseline: options.Baseline,
    arms: options.Arms = "zero-shot",
    baseline_arm: options.BaselineArm = None,
    anchor: options.Anchor = None,
    tasks: options.Tasks = "fractions",
    suites: options.Suites = "",
    items: options.Items = None,
    temperature: options.Temperature = None,
    policy: options.PolicyFile = None,
    embedder: options.Embedder = options.EMBEDDER,
    results: options.Results = options.RESULTS,
    max_model_len: options.MaxModelLen = 8192,
    contamination: options.Contamination = None,
    merge_into: options.MergeInto = "as-trained",
    certificate: options.Certificate = None,
    concurrency: options.Concurrency = 48,
    *,
    allow_mismatch: options.AllowMismatch = False,
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
        from harness.experiments.request import (
            GateRequest,
            arm_named,
            arms_named,
            merge_base_named,
            places,
            suites_named,
            words,
        )

        request = GateRequest(
            checkpoint=checkpoint,
            baseline=baseline,
            arms=arms_named(arms),
            baseline_arm=arm_named(baseline_arm),
            tasks=words(tasks),
            suites=suites_named(words(suites)),
            policy=overridden(
                load_policy(policy),
                items=items,
                anchor=anchor,
                temperature=temperature,
                contamination=contamination,
                allow_mismatch=allow_mismatch,
            ),
            places=places(results, embedder=embedder),
            max_model_len=max_model_len,
            merge_into=merge_base_named(merge_into),
            certificate=certificate,
            concurrency=concurrency,
            allow_underpowered=allow_underpowered,
        )
        from reports.progress import shown_progress

        report = run_gate(request, shown_progress())
        show_report(report, json=json)
    raise SystemExit(EXIT_CODES[report.verdict.status])
