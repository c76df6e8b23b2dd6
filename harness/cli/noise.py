"""`weighbridge noise`: how much the items of a baseline vary against themselves."""

from harness.cli import options
from harness.cli.exit_codes import RESUMES, sentences


def noise(
    baseline: options.Baseline,
    arms: options.Arms = "zero-shot",
    tasks: options.Tasks = "fractions",
    suites: options.Suites = "",
    items: options.Items = None,
    policy: options.PolicyFile = None,
    temperature: options.Temperature = None,
    embedder: options.Embedder = options.EMBEDDER,
    results: options.Results = options.RESULTS,
    max_model_len: options.MaxModelLen = 8192,
    contamination: options.Contamination = None,
    merge_into: options.MergeInto = "as-trained",
    concurrency: options.Concurrency = 48,
    *,
    allow_mismatch: options.AllowMismatch = False,
    json: options.Json = False,
) -> None:
    """Weigh a checkpoint against itself, so that a gate can be planned.

    For example:

      weighbridge noise --baseline smollm2-135m --arms rag-3 --temperature 0.7

    Two greedy runs of one server are equal and show no noise; what a trained checkpoint will differ in is
    then read from earlier gates, or assumed: see weighbridge plan --help.
    """
    with sentences(stopped=RESUMES):
        from harness.cli.show_noise import show_noise
        from harness.config.overrides import overridden
        from harness.config.policy_file import load_policy
        from harness.experiments.gate import run_gate
        from harness.experiments.noise import noise_request
        from harness.experiments.request import (
            GateRequest,
            arms_named,
            merge_base_named,
            places,
            suites_named,
            words,
        )
        from reports.progress import shown_progress

        request = GateRequest(
            checkpoint=baseline,
            baseline=baseline,
            arms=arms_named(arms),
            tasks=words(tasks),
            suites=suites_named(words(suites)),
            policy=overridden(
                load_policy(policy),
                items=items,
                temperature=temperature,
                contamination=contamination,
                allow_mismatch=allow_mismatch,
            ),
            places=places(results, embedder=embedder),
            max_model_len=max_model_len,
            merge_into=merge_base_named(merge_into),
            concurrency=concurrency,
        )
        report = run_gate(noise_request(request), shown_progress())
        said = {
            "--arms": arms,
            "--tasks": tasks,
            "--suites": suites,
            "--policy": policy,
            "--temperature": temperature,
            "--embedder": None if embedder == options.EMBEDDER else embedder,
            "--contamination": contamination,
            "--merge-into": None if merge_into == "as-trained" else merge_into,
            "--allow-mismatch": allow_mismatch,
            "--results": None if results == options.RESULTS else results,
        }
        show_noise(report.folder, {"--baseline": baseline, **said}, json=json)
