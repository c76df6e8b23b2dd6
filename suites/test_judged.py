"""Judged replies: what people would make of all, estimated with a judge, where the policy asks."""

import pytest

from harness import SuiteVerdict


@pytest.mark.gate_suite("judged")
def test_judged(gate_verdict: SuiteVerdict) -> None:
    """As many of the candidate's replies as of the baseline's would be accepted, as far as is tolerated."""
    assert gate_verdict.accepted, gate_verdict.reason
