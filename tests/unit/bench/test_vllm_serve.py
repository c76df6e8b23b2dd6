import json
from pathlib import Path

import pytest

from bench.contestants.load import Carried, Load, dataset
from bench.figure import Figure, Unmeasured
from bench.stories import stories_work
from bench.vllm_serve import REQUESTS, compared
from harness.domain.checkpoint import Endpoint


def carried(*, wall_s: float, cpu_s: float = 0.96, requests: int = REQUESTS) -> Carried:
    return Carried(requests=requests, output_tokens=100 * requests, wall_s=wall_s, cpu_s=cpu_s)


def test_the_share_is_that_of_the_mean_speeds_and_has_a_goal() -> None:
    turns = [
        ("weighbridge", carried(wall_s=10.0)),
        ("vllm", carried(wall_s=12.0, cpu_s=9.6)),
        ("vllm", carried(wall_s=12.0, cpu_s=9.6)),
        ("weighbridge", carried(wall_s=15.0)),
    ]
    by_name = {
        figure.name.split(", ", 1)[1]: figure for figure in compared(turns) if isinstance(figure, Figure)
    }
    share = by_name["share of vllm bench serve's output tokens/s"]
    assert share.value == share.ratio == pytest.approx(1.0)
    assert str(share.goal) == ">= 0.97"
    assert by_name["output tokens/s"].value == pytest.approx(100 * REQUESTS / 12)
    assert by_name["CPU a request"].ratio == pytest.approx(10.0)


def test_a_client_that_left_requests_out_is_not_compared() -> None:
    turns = [("weighbridge", carried(wall_s=10.0)), ("vllm", carried(wall_s=10.0, requests=REQUESTS - 1))]
    (found,) = compared(turns)
    assert isinstance(found, Unmeasured)
    assert "'vllm': 1" in found.reason


def test_the_peer_is_given_the_same_chats_behind_first_lines_of_its_own(tmp_path: Path) -> None:
    endpoint = Endpoint(url="http://127.0.0.1:1/v1", model="mock")
    files = {}
    for turn in ("1", "2"):
        (tmp_path / turn).mkdir()
        load = Load(endpoint=endpoint, requests=5, concurrency=2, tokens=8, turn=turn, folder=tmp_path / turn)
        files[turn] = [json.loads(line)["prompt"] for line in dataset(load).read_text().splitlines()]
    ours = [
        work.renderer.rendered(work.item, retriever=None, clock=lambda: 0.0)[0].messages
        for work in stories_work(5, tokens=8)
    ]
    for chats in files.values():
        assert [[turn["role"] for turn in chat] for chat in chats] == [["system", "user"]] * 5
        assert [chat[1]["content"] for chat in chats] == [messages[1].content for messages in ours]
        assert [chat[0]["content"].partition("\n")[2] for chat in chats] == [each[0].content for each in ours]
    firsts = [chat[0]["content"].partition("\n")[0] for chats in files.values() for chat in chats]
    assert len(set(firsts)) == 10
