from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.domain.response import Timing
from harness.domain.run import RunKind, RunSpec, Side
from reports.gate.charts import waits_chart
from reports.gate.waits import waits
from tests.unit.reports.gate.conftest import MakeRecord


def test_waiting_times_are_read_run_by_run_and_what_has_none_is_left_out(
    a_record: MakeRecord, a_run: Callable[..., RunSpec], results_of: Callable[..., tuple[object, ...]]
) -> None:
    record = a_record()
    assert waits(record) == ()
    assert waits_chart(()) is None
    names = [f"t{n}" for n in range(10)]
    run = a_run(Side.CANDIDATE, names, kind=RunKind.LATENCY)
    timed = results_of(run, [Timing(ttft_s=n / 10, e2e_s=n / 5, tpot_s=None) for n in range(10)])
    manifest = replace(record.manifest, runs=(run,))
    found = waits(replace(record, manifest=manifest, results={run.id: timed}))  # type: ignore[arg-type]
    assert [each.metric for each in found] == ["ttft_s", "e2e_s"]
    assert found[0].quantile(50) == pytest.approx(0.45)
