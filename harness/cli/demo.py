"""`weighbridge demo`: whether RAG earns its place over zero-shot on the embedded model."""

from harness.cli import options
from harness.cli.exit_codes import EXIT_CODES, RESUMES, sentences

_MODEL = "smollm2-135m"


def demo(results: options.Results = options.RESULTS, *, json: options.Json = False) -> None:
    """Ask whether three retrieved examples earn their place over zero-shot on the embedded model.

    Starts a real vLLM server and a real gold store, needs no network, and takes minutes on
    two cores.  For example:

      weighbridge demo --results ./demo
    """
    with sentences(stopped=RESUMES):
        from harness.cli.show import show_report
        from harness.domain.arm import parse_arm
        from harness.domain.suite import MEASURED
        from harness.experiments.demo import DEMO_POLICY
        from harness.experiments.gate import run_gate
        from harness.experiments.request import GateRequest, places
        from reports.progress import shown_progress

        request = GateRequest(
            checkpoint=_MODEL,
            baseline=_MODEL,
            arms=(parse_arm("rag-3"),),
            baseline_arm=parse_arm("zero-shot"),
            tasks=("fractions",),
            suites=MEASURED,
            policy=DEMO_POLICY,
            places=places(results),
            max_model_len=2048,
        )
        if not json:
            print("Does rag-3 gain more than 10 points over zero-shot on fractions, and at what price?")
        report = run_gate(request, shown_progress())
        show_report(report, json=json)
        if not json:
            print(
                f"\nNext: weighbridge gate --checkpoint YOUR_MODEL --baseline {_MODEL} --arms zero-shot,rag-3"
            )
    raise SystemExit(EXIT_CODES[report.verdict.status])
