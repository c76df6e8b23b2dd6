import asyncio
import dataclasses
import re
from pathlib import Path

import pytest

from harness.cli.show_latency import show_capacity
from harness.domain.arm import parse_arm
from harness.domain.conditions import Conditions
from harness.domain.objective import Objective
from harness.engine.closed_loop import ClosedLoop
from harness.engine.open_loop import OpenLoop
from harness.engine.rate_search import RateSearch
from harness.engine.stop_watch import Pace
from harness.experiments.capacity import Capacity, searched
from harness.experiments.latency import LatencyRequest, Timed
from harness.experiments.latency_summary import summarise
from harness.experiments.progress import Silent
from harness.experiments.request import places

REQUEST = LatencyRequest(
    checkpoint="somewhere",
    arm=parse_arm("zero-shot"),
    task="sums",
    places=places(Path("results")),
    objective=Objective(),
)
FIT = Conditions(answered={}, lags_us=(10,), lateness_us=(5,), cpu_s=1.0, wall_s=50.0)
LATE = "the client's own core was 95 % busy"
HELD = "85 % of the chunks came together"


class Server:
    """Carries rates up to `capacity`.

    Above `client` the client itself does not keep up, above `stream` chunks come together.
    """

    def __init__(
        self, capacity: float, *, client: float = 1e9, stream: float = 1e9, full: float = 0.0
    ) -> None:
        self.capacity = capacity
        self.client = client
        self.stream = stream
        self.full = full
        self.paces: list[Pace] = []

    async def timed(self, pace: Pace, *, requests: int | None = None) -> Timed:
        assert requests is not None
        self.paces.append(pace)
        return self._timed(pace, good=0.0, invalid=LATE, per_s=self.full)

    async def tried(self, pace: Pace) -> Timed:
        self.paces.append(pace)
        assert isinstance(pace, OpenLoop)
        rate = pace.rate_per_s
        good = 1.0 if rate <= self.capacity else 0.5
        invalid = LATE if rate > self.client else HELD if rate > self.stream else None
        return self._timed(pace, good=good, invalid=invalid, per_s=rate)

    def _timed(self, pace: Pace, *, good: float, invalid: str | None, per_s: float) -> Timed:
        summary = summarise((), FIT, Objective())
        return Timed(
            pace=pace,
            summary=dataclasses.replace(
                summary,
                goodput_share=good,
                invalid=invalid,
                invalid_by_load=invalid == LATE,
                requests_per_s=per_s,
            ),
        )


def found(server: Server, begun: RateSearch | None = None) -> Capacity:
    return asyncio.run(searched(server, REQUEST, begun, Silent()))


def test_a_search_begins_at_the_speed_of_a_full_server() -> None:
    server = Server(5.0, full=6.0)
    capacity = found(server)
    first, second, *_ = server.paces
    assert first == ClosedLoop(concurrency=32)
    assert isinstance(second, OpenLoop)
    assert second.rate_per_s == 6.0
    assert capacity.search.good is not None
    assert capacity.search.bad is not None
    assert capacity.search.good <= 5.0 < capacity.search.bad <= 1.1 * capacity.search.good
    assert (capacity.doubt, capacity.invalid) == (None, None)


def test_a_rate_that_is_named_is_begun_with() -> None:
    server = Server(5.0)
    found(server, RateSearch(first=2.0))
    assert [pace.rate_per_s for pace in server.paces[:3] if isinstance(pace, OpenLoop)] == [2.0, 4.0, 8.0]


def test_where_the_client_does_not_keep_up_the_search_goes_on_below() -> None:
    capacity = found(Server(1e9, client=100.0, full=160.0))
    assert capacity.search.good is not None
    assert 100.0 / 1.1 <= capacity.search.good <= 100.0
    assert (capacity.doubt, capacity.invalid) == (LATE, None)


def test_a_client_that_never_keeps_up_knows_nothing() -> None:
    capacity = found(Server(1e9, client=0.0, full=160.0))
    assert capacity.search.good is None
    assert capacity.invalid == LATE
    assert len(capacity.tried) == 1 + 6


def test_what_no_lower_rate_would_mend_ends_the_search_at_once() -> None:
    capacity = found(Server(5.0, full=6.0, stream=0.0))
    assert (capacity.search.good, capacity.invalid) == (None, HELD)
    assert len(capacity.tried) == 2


def test_what_comes_with_load_alone_takes_nothing_from_the_rates_below() -> None:
    capacity = found(Server(1e9, full=3.0, stream=5.0))
    assert capacity.search.good is not None
    assert 5.0 / 1.1 <= capacity.search.good <= 5.0
    assert (capacity.doubt, capacity.invalid) == (HELD, None)


def test_a_server_that_carries_nothing_is_known_to() -> None:
    capacity = found(Server(0.0, full=160.0))
    assert (capacity.search.good, capacity.doubt, capacity.invalid) == (None, None, None)


@pytest.mark.parametrize(
    ("server", "begun", "said"),
    [
        (Server(5.0, full=6.0), None, r"4.627 requests a second are carried; 5.045 are not\."),
        (
            Server(1e9, client=100.0, full=160.0),
            None,
            rf"95.14 requests a second are carried, and perhaps more: at 103.7 {LATE}\.",
        ),
        (Server(1e9, client=0.0, full=160.0), None, rf"INVALID: at 5 a second {LATE}\."),
        (Server(5.0, full=6.0, stream=0.0), None, rf"INVALID: at 6 a second {HELD}\."),
        (Server(0.0, full=160.0), None, r"No rate was carried: widen the objective"),
        (
            Server(1e9),
            RateSearch(first=6_000.0),
            r"6000 requests a second are carried, and no higher rate was tried\.",
        ),
    ],
    ids=["found", "doubted", "unknown", "proxy", "none", "ceiling"],
)
def test_what_was_found_is_said_in_a_sentence(
    server: Server, begun: RateSearch | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_capacity(found(server, begun), json=False)
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert re.match(said, last), last
