"""`weighbridge noise`: how much the items of a baseline vary against themselves."""

from dataclasses import replace

from harness.cli import options
from harness.cli.exit_codes import RESUMES, sentences
from harness.cli.measuring import Measuring
from harness.cli.option_groups import opened


@opened
def noise(
    baseline: options.Baseline,
    arms: options.Arms = "zero-shot",
    tasks: options.Tasks = "fractions",
    suites: options.Suites = "",
    policy: options.PolicyFile = None,
    concurrency: options.Concurrency = 48,
    *,
    measuring: Measuring,
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
        from harness.config.policy_file import load_policy
        from harness.experiments.gate import run_gate
        from harness.experiments.noise import noise_request
        from harness.experiments.request import suites_named, words
        from reports.progress import shown_progress

        request = replace(
            measuring.request(baseline, baseline, arms=arms, tasks=tasks, policy=load_policy(policy)),
            suites=suites_named(words(suites)),
            concurrency=concurrency,
        )
        report = run_gate(noise_request(request), shown_progress())
        said = {"--baseline": baseline, "--arms": arms, "--tasks": tasks, "--suites": suites}
        show_noise(report.folder, {**said, "--policy": policy, **measuring.repeated}, json=json)
