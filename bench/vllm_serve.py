"""Whether the client holds a real server back: output tokens a second beside `vllm bench serve`.

One vLLM server, the same chats, the same number in flight, in turns A B B A: what drifts on
the machine falls on both.  Nobody is kept to a core, because a user's client is not either.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

import msgspec

from bench.contestants.load import Carried
from bench.figure import Figure, Finding, NotMeasured, Unmeasured, at_least
from bench.process import last_line, require
from harness.domain.checkpoint import Endpoint
from harness.experiments.request import places
from serving.checkpoints import resolve_checkpoint
from serving.deployment import plan_deployment
from serving.hardware import hardware
from serving.vllm_server import VllmServer

_MODEL = "smollm2-135m"
REQUESTS = 64
_CONCURRENCY, _TOKENS = 32, 48
_LONGEST = 2048
_OURS, _PEER = "weighbridge", "vllm"
_TURNS = (_OURS, _PEER, _PEER, _OURS)
_WHERE = f"{_MODEL} at concurrency {_CONCURRENCY}"
_GOAL = at_least(0.97)


def figures() -> Iterator[Finding]:
    """Yield output tokens/s of both, their ratio, and the CPU each needs for a request."""
    for package in ("vllm", "aiohttp"):
        require(package)
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as server:
        server.wait_ready(lambda _stage: None)
        endpoint = server.endpoint(server.spec.served_name)
        _carried(_OURS, endpoint, "warm", requests=_CONCURRENCY)
        turns = [(name, _carried(name, endpoint, f"{place}")) for place, name in enumerate(_TURNS)]
    yield from compared(turns)


def compared(turns: Sequence[tuple[str, Carried]]) -> Iterator[Finding]:
    """Yield the figures of both clients from their turns, each a client's name and what it carried."""
    by_name = {name: [carried for who, carried in turns if who == name] for name in (_OURS, _PEER)}
    short = {name: sum(REQUESTS - each.requests for each in found) for name, found in by_name.items()}
    if any(short.values()):
        yield Unmeasured(name=_WHERE, reason=f"requests were left without a reply: {short}")
        return
    speed = {name: fmean(each.tokens_per_s for each in found) for name, found in by_name.items()}
    share = speed[_OURS] / speed[_PEER]
    yield Figure(name=f"{_WHERE}, output tokens/s", value=speed[_OURS], unit="1/s", peer=_PEER, ratio=share)
    yield Figure(name=f"{_WHERE}, vllm bench serve, output tokens/s", value=speed[_PEER], unit="1/s")
    yield Figure(
        name=f"{_WHERE}, share of vllm bench serve's output tokens/s",
        value=share,
        unit="",
        goal=_GOAL,
        peer=_PEER,
        ratio=share,
    )
    cpu_ms = {
        name: 1e3 * sum(each.cpu_s for each in found) / (len(found) * REQUESTS)
        for name, found in by_name.items()
    }
    cheaper = cpu_ms[_PEER] / cpu_ms[_OURS]
    yield Figure(name=f"{_WHERE}, CPU a request", value=cpu_ms[_OURS], unit="ms", peer=_PEER, ratio=cheaper)
    yield Figure(name=f"{_WHERE}, vllm bench serve, CPU a request", value=cpu_ms[_PEER], unit="ms")


def _server(folder: Path) -> VllmServer:
    machine = hardware()
    found = resolve_checkpoint(
        _MODEL,
        cache=places(Path("results")).cache,
        precision=machine.precision,
        max_model_len=_LONGEST,
        say=lambda _stage: None,
    )
    (spec,) = plan_deployment([found], machine).servers
    return VllmServer(spec, folder / "vllm.log")


def _carried(name: str, endpoint: Endpoint, turn: str, *, requests: int = REQUESTS) -> Carried:
    line = last_line(
        *("bench.load_contest", name, endpoint.url, endpoint.model, "--turn", turn),
        *("--requests", str(requests), "--concurrency", str(_CONCURRENCY), "--tokens", str(_TOKENS)),
        placed=False,
    )
    found = msgspec.json.decode(line, type=Carried)
    if not found.output_tokens:
        raise NotMeasured(f"{name} got no tokens from {endpoint.url}: see the server's log")
    return found
