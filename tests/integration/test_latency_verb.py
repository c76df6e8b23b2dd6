"""`weighbridge latency` over real HTTP; no time is asserted, nor whether this machine kept up."""

import json
import time

import pytest

from tests.fakes.fixtures import RunProgram
from tests.fakes.openai_replies import FakeModel, Messages
from tests.fakes.openai_server import FakeServer

pytestmark = pytest.mark.integration

SERVICE_S = 0.01


def test_it_prints_percentiles_goodput_and_what_the_client_was_like(
    server: FakeServer, weighbridge: RunProgram
) -> None:
    done = weighbridge(
        "latency", "--checkpoint", server.checkpoint("good"), "--task", "tickets", "--requests", "80"
    )
    shown = " ".join(done.out.split())
    assert done.status == (2 if "INVALID: " in shown else 0)
    assert "2 in flight. Goodput: 100.0 % of 80 requests met the objective (0 failed)" in shown
    assert "too few 80" in shown
    assert "The client: requests begun " in shown
    timed = [each for each in server.chats() if each.body.get("stream")]
    assert len(timed) == 80 + 2
    assert len({each.key for each in timed}) == len(timed)


def test_a_schedule_is_asked_for_by_its_rate_and_told_to_machines_as_json(
    server: FakeServer, weighbridge: RunProgram
) -> None:
    done = weighbridge(
        *("latency", "--checkpoint", server.checkpoint("good"), "--task", "tickets", "--requests", "30"),
        *("--rate", "200", "--json"),
    )
    told = json.loads(done.out)
    assert done.status == (0 if told["invalid"] is None else 2)
    assert (told["rate_per_s"], told["concurrency"], told["requests"]) == (200.0, None, 30)
    by_metric = {each["metric"]: each for each in told["percentiles"]}
    assert set(by_metric) == {"ttft_s", "tpot_s", "e2e_s", "chunk_gap_s"}
    assert by_metric["e2e_s"]["seconds"][0] >= by_metric["ttft_s"]["seconds"][0] > 0
    assert by_metric["e2e_s"]["seconds"][1:] == [None, None]


def test_a_search_ends_with_a_rate_or_says_why_there_is_none(
    server: FakeServer, weighbridge: RunProgram
) -> None:
    server.fail_next(10_000, status=400)
    done = weighbridge(
        *("latency", "--checkpoint", server.checkpoint("good"), "--task", "tickets", "--requests", "600"),
        *("--rate", "100", "--goodput", "1", "--find-rate", "--json"),
    )
    told = json.loads(done.out)
    assert done.status == (0 if told["invalid"] is None else 2)
    assert told["rate_per_s"] is None
    assert told["tried"][0]["goodput_share"] == 0.0
    # Given up at once, not after the six seconds and more that 600 requests take.
    assert all(each["requests"] < 600 for each in told["tried"])


def test_a_server_that_answers_one_at_a_time_is_found_to_carry_what_it_can(weighbridge: RunProgram) -> None:
    def at_work(_messages: Messages) -> str:
        time.sleep(SERVICE_S)  # the server's only thread: nobody else is answered meanwhile
        return "word"

    with FakeServer({"queue": FakeModel(reply=at_work)}) as queue:
        done = weighbridge(
            *("latency", "--checkpoint", queue.checkpoint("queue"), "--task", "tickets", "--requests", "20"),
            *("--find-rate", "--slo-ttft", "0.4", "--slo-tpot", "0.4", "--goodput", "0.9", "--json"),
        )
    told = json.loads(done.out)
    tried = told["tried"]
    assert (tried[0]["concurrency"], tried[0]["rate_per_s"]) == (32, None)
    assert all(each["rate_per_s"] for each in tried[1:])
    assert done.status == (0 if told["invalid"] is None else 2)
    assert told["rate_per_s"] is None or told["rate_per_s"] < told["not_carried_per_s"]
    good = [each for each in tried[1:] if each["invalid"] is None and each["goodput_share"] >= 0.9]
    assert told["rate_per_s"] == max((each["rate_per_s"] for each in good), default=None)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--rate", "0"), "the rate is 0 requests a second; give one above 0"),
        (("--rate", "0", "--find-rate"), "a search cannot begin at 0 requests a second"),
        (("--arm", "telepathy"), "telepathy"),
    ],
    ids=["rate", "search", "arm"],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(
    server: FakeServer, weighbridge: RunProgram, arguments: tuple[str, ...], complaint: str
) -> None:
    done = weighbridge("latency", "--checkpoint", server.checkpoint("good"), "--task", "tickets", *arguments)
    assert (done.status, done.out) == (2, "")
    assert complaint in done.complaint
