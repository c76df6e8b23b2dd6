"""Human reads: what people made of the replies, where the policy asks for it."""

import pytest

from harness import SuiteVerdict


@pytest.mark.gate_suite("human-reads")
def test_human_reads(gate_verdict: SuiteVerdict) -> None:
    """As many replies were read as the policy asks for, and the share it asks for was accepted."""
    assert gate_verdict.accepted, gate_verdict.reason
