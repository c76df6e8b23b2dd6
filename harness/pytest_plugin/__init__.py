"""The pytest face of the gate: `pytest suites/ --checkpoint=X --baseline=Y`.

The hooks are one-liners that delegate to `GateSession`; nothing else of the house is
imported until a test asks for a verdict, because every pytest run on a machine with
weighbridge installed loads this module.
"""

import pytest

from harness.domain.verdict import SuiteVerdict
from harness.pytest_plugin.options import add_options
from harness.pytest_plugin.session import FIXTURE, MARKER, GateSession

_SESSION = pytest.StashKey[GateSession]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the gate."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Begin the session and declare the marker."""
    config.addinivalue_line("markers", f"{MARKER}(name): the gate's suite whose verdict the test asserts")
    config.stash[_SESSION] = GateSession(config)
    config.stash[_SESSION].begin()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every suite one test a subject and arm."""
    metafunc.config.stash[_SESSION].parametrize(metafunc)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the tests of what the policy does not ask."""
    items[:] = config.stash[_SESSION].asked(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Learn which suites were collected; they are the family of the gate."""
    session.config.stash[_SESSION].collected(session.items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the verdict of the whole gate."""
    config.stash[_SESSION].summarise(terminalreporter)


@pytest.fixture
def gate_verdict(request: pytest.FixtureRequest) -> SuiteVerdict:
    """The verdict of the test's suite on its subject and arm."""
    return request.config.stash[_SESSION].verdict(request)


__all__ = ["FIXTURE", "gate_verdict"]
