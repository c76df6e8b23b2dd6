"""The gate behind a pytest session: planned from what was collected, measured once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from harness.pytest_plugin.cases import Case, cases
from harness.pytest_plugin.record import properties, summary

if TYPE_CHECKING:
    from harness.domain.suite import Suite
    from harness.domain.verdict import SuiteVerdict
    from harness.experiments.gate import GateReport
    from harness.experiments.request import GateRequest

FIXTURE = "gate_verdict"
MARKER = "gate_suite"
_COULD_NOT_MEASURE = 2
_NOT_SPREAD = "the suites share one server: run them without -n"
_Value = TypeVar("_Value")


class GateSession:
    """One gate for a whole pytest session; does nothing until a suite is collected."""

    def __init__(self, config: pytest.Config) -> None:
        """Take pytest's configuration."""
        self._config = config
        self._suites: tuple[Suite, ...] = ()
        self._report: GateReport | None = None

    def begin(self) -> None:
        """Refuse a gate that would be spread over processes."""
        option = self._config.getoption
        if option("checkpoint") and option("numprocesses", None) and not self._is_worker:
            pytest.exit(_NOT_SPREAD, returncode=_COULD_NOT_MEASURE)

    def parametrize(self, metafunc: pytest.Metafunc) -> None:
        """Give a test that asks for a verdict its subjects and arms."""
        from harness.errors import WeighbridgeError

        if FIXTURE in metafunc.fixturenames:
            try:
                found = tuple(cases(_suite_of(metafunc.definition), self._request))
            except WeighbridgeError as error:
                # pytest shows this error, and no other, without a traceback; it ends with status 2.
                raise pytest.Collector.CollectError(str(error)) from error
            metafunc.parametrize(FIXTURE, found, indirect=True, ids=[case.id for case in found])

    def asked(self, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        """Return the items without those that have no case, which pytest would show as skipped."""
        return [
            item
            for item in items
            if FIXTURE not in getattr(item, "fixturenames", ())
            or not hasattr(item, "callspec")
            or isinstance(item.callspec.params.get(FIXTURE), Case)
        ]

    def collected(self, items: Sequence[pytest.Item]) -> None:
        """Keep the suites of the collected tests; refuse to go on without a checkpoint."""
        asking = [item for item in items if FIXTURE in getattr(item, "fixturenames", ())]
        if not asking or self._config.option.collectonly or self._is_worker:
            return
        for option in ("checkpoint", "baseline"):
            if not self._config.getoption(option):
                pytest.exit(f"nothing to weigh: give --{option}=…", returncode=_COULD_NOT_MEASURE)
        found = self._guarded(lambda: {_suite_of(item) for item in asking})
        from harness.domain.suite import MEASURED

        self._suites = tuple(suite for suite in MEASURED if suite in found)

    def verdict(self, request: pytest.FixtureRequest) -> "SuiteVerdict":
        """Return the verdict for the test at hand, and leave it in its JUnit properties."""
        if self._is_worker:
            # To exit here would only have this process started again.
            pytest.fail(_NOT_SPREAD, pytrace=False)
        from harness.gating.settle import accept

        case: Case = request.param
        report = self._guarded(self._measured)
        verdicts = report.verdict.verdicts
        found = self._guarded(lambda: case.answer(_suite_of(request.node), verdicts))
        request.node.user_properties.extend(properties(found, report))
        return accept(found, self._request.policy)

    def summarise(self, terminal: pytest.TerminalReporter) -> None:
        """Print the gate's verdict and where it is kept."""
        if self._report is None:
            return
        verdict = self._report.verdict
        terminal.write_sep("=", f"weighbridge: {verdict.status}")
        for line in summary(verdict, self._report.folder.path):
            terminal.write_line(line)

    @property
    def _is_worker(self) -> bool:
        """Whether this is one of the processes of pytest -n."""
        return hasattr(self._config, "workerinput")

    @cached_property
    def _request(self) -> "GateRequest":
        from harness.config.overrides import overridden
        from harness.config.policy_file import load_policy
        from harness.experiments.request import (
            GateRequest,
            arm_named,
            arms_named,
            merge_base_named,
            places,
            words,
        )

        option = self._config.getoption
        policy = load_policy(Path(option("policy")) if option("policy") else None)
        return GateRequest(
            checkpoint=option("checkpoint") or "",
            baseline=option("baseline") or "",
            arms=arms_named(option("arms")),
            baseline_arm=arm_named(option("baseline_arm")),
            tasks=words(option("tasks")),
            suites=self._suites,
            policy=overridden(
                policy,
                items=option("items"),
                anchor=option("anchor"),
                contamination=option("contamination"),
                allow_mismatch=option("allow_mismatch"),
            ),
            places=places(Path(option("results")), embedder=option("embedder")),
            max_model_len=option("max_model_len"),
            allow_underpowered=option("allow_underpowered"),
            merge_into=merge_base_named(option("merge_into")),
            certificate=Path(option("certificate")) if option("certificate") else None,
        )

    def _measured(self) -> "GateReport":
        if self._report is None:
            from harness.experiments.gate import run_gate
            from reports.progress import shown_progress

            with self._uncaptured():
                request = replace(self._request, suites=self._suites)
                self._report = run_gate(request, shown_progress())
        return self._report

    def _guarded(self, stage: Callable[[], _Value]) -> _Value:
        """Carry out `stage`; a user's mistake ends the session with its sentence and status 2."""
        from harness.errors import WeighbridgeError

        try:
            return stage()
        except WeighbridgeError as error:
            pytest.exit(str(error), returncode=_COULD_NOT_MEASURE)

    @contextmanager
    def _uncaptured(self) -> Iterator[None]:
        """Let progress through to the terminal."""
        capture = self._config.pluginmanager.getplugin("capturemanager")
        if capture is None:
            yield
            return
        with capture.global_and_fixture_disabled():
            yield


def _suite_of(node: pytest.Item) -> "Suite":
    from harness.domain.suite import Suite
    from harness.errors import UsageError

    marker = node.get_closest_marker(MARKER)
    names = ", ".join(Suite)
    if marker is None or marker.args[:1] not in [(suite,) for suite in Suite]:
        raise UsageError(
            f"{node.nodeid} asks for a verdict: mark it with pytest.mark.{MARKER}(name), one of {names}"
        )
    return Suite(marker.args[0])
