"""`weighbridge eval`: score one checkpoint alone, without a verdict."""

from harness.cli import options
from harness.cli.exit_codes import RESUMES, sentences


def evaluate(
    checkpoint: options.Checkpoint,
    arms: options.Arms = "zero-shot",
    tasks: options.Tasks = "fractions",
    items: options.Items = None,
    temperature: options.Temperature = None,
    embedder: options.Embedder = options.EMBEDDER,
    results: options.Results = options.RESULTS,
    max_model_len: options.MaxModelLen = 8192,
    contamination: options.Contamination = None,
    merge_into: options.MergeInto = "as-trained",
    certificate: options.Certificate = None,
    concurrency: options.Concurrency = 48,
    *,
    allow_mismatch: options.AllowMismatch = False,
    json: options.Json = False,
) -> None:
    """Score one checkpoint on tasks and print means; decides nothing.

    For example:

      weighbridge eval --checkpoint smollm2-135m --arms zero-shot,rag-3 --tasks fractions --items 50
    """
    with sentences(stopped=RESUMES):
        from harness.cli.show import show_scores
        from harness.config.overrides import overridden
        from harness.domain.policy import Policy
        from harness.experiments.gate import run_gate
        from harness.experiments.request import (
            GateRequest,
            Purpose,
            arms_named,
            merge_base_named,
            places,
            words,
        )
        from reports.progress import shown_progress

        request = GateRequest(
            checkpoint=checkpoint,
            baseline=checkpoint,
            arms=arms_named(arms),
            tasks=words(tasks),
            suites=(),
            policy=overridden(
                Policy(),
                items=items,
                temperature=temperature,
                contamination=contamination,
                allow_mismatch=allow_mismatch,
            ),
            places=places(results, embedder=embedder),
            max_model_len=max_model_len,
            merge_into=merge_base_named(merge_into),
            certificate=certificate,
            concurrency=concurrency,
            purpose=Purpose.SCORE,
        )
        report = run_gate(request, shown_progress())
        show_scores(report, json=json)
