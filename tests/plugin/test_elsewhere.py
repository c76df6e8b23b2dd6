"""pytest runs that are not a gate, on a machine with weighbridge installed."""

import pytest

HEAVY = ("numpy", "scipy", "torch", "aiohttp", "duckdb", "pydantic", "rich", "harness.experiments")


QUIETLY = ("-p", "no:hypothesispytest")


def test_a_test_that_asks_for_a_verdict_without_naming_a_suite_is_told_how(pytester: pytest.Pytester) -> None:
    test = "import pytest\n\n{}\ndef test_it(gate_verdict):\n    assert gate_verdict.accepted\n"
    markers = {
        "test_none": "",
        "test_bare": "@pytest.mark.gate_suite",
        "test_odd": "@pytest.mark.gate_suite(1)",
    }
    pytester.makepyfile(**{name: test.format(marker) for name, marker in markers.items()})
    done = pytester.runpytest_subprocess("--checkpoint=x", "--baseline=y", *QUIETLY)
    assert done.ret == 2
    done.assert_outcomes(errors=3)
    told = [line for line in done.outlines if "asks for a verdict" in line]
    assert sorted(told) == [
        f"{name}.py::test_it asks for a verdict: mark it with pytest.mark.gate_suite(name), one of "
        "target-metric, schema-validity, forgetting, latency, human-reads, judged"
        for name in sorted(markers)
    ]
    done.stdout.no_fnmatch_line("*session.py*")


def test_tests_that_ask_for_no_verdict_run_as_if_the_plugin_were_not_there(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import sys
        import pytest

        def test_nothing_heavy_was_loaded():
            assert not [name for name in {HEAVY} if name in sys.modules]

        @pytest.mark.parametrize("number", [1, 2])
        def test_of_two(number):
            assert number < 2
        """
    )
    done = pytester.runpytest_subprocess("--strict-markers", "-W", "error", *QUIETLY)
    done.assert_outcomes(passed=2, failed=1)
    assert done.ret == 1
    done.stdout.no_fnmatch_line("*weighbridge:*")
    assert not (pytester.path / "results").exists()


def test_the_options_are_explained(pytester: pytest.Pytester) -> None:
    shown = pytester.runpytest_subprocess("--help", *QUIETLY).stdout.str()
    assert "weighing a checkpoint against a baseline" in shown
    options = ("checkpoint", "baseline", "arms", "baseline-arm", "anchor", "tasks", "items", "policy")
    assert all(f"--{option}" in shown for option in options)
