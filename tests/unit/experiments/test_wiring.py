"""What is started for a gate is ready, proved, and always stopped again."""

import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.domain.checkpoint import Checkpoint, Endpoint, Precision
from harness.domain.score import Score
from harness.domain.task import Decoding, Task
from harness.errors import GoldStoreUnreachable, ServerDied, ServingError
from harness.experiments.progress import Silent
from harness.experiments.request import Places
from harness.experiments.wiring import Serving, evidence, gold_stores, serving
from serving.deployment import ServerSpec, plan_deployment
from serving.hardware import Accelerator, Hardware
from serving.vllm_server import VllmServer

PROGRAM = """\
import http.server, json, os, sys
from pathlib import Path

port, folder, name = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
(folder / name).write_text(str(os.getpid()))
if (folder / f"{name}-crash").exists():
    sys.exit("out of memory")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer("" if self.path == "/health" else 'vllm:prompt_tokens_total{engine="0"} 7.0')

    def do_POST(self):
        model = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["model"]
        logprobs = {"token_logprobs": [None, -float(len(model)), -1.0]}
        self.answer(json.dumps({"choices": [{"index": 0, "logprobs": logprobs}]}))

    def answer(self, text):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
MACHINE = Hardware(accelerator=Accelerator.CUDA, cores=2, available_bytes=1 << 40, native_bfloat16=True)


class Heard(Silent):
    """Keeps what is said, apart from how long it took."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, stage: str) -> None:
        self.said.append(stage)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(results=tmp_path / "results", cache=tmp_path / "cache", tasks=tmp_path / "tasks")


@pytest.fixture
def pids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where every server, a small program, writes its process id under its model's name."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    folder = tmp_path / "pids"
    folder.mkdir()

    def command(spec: ServerSpec, port: int) -> list[str]:
        return [sys.executable, "-I", "-S", str(script), str(port), str(folder), spec.served_name]

    monkeypatch.setattr("serving.vllm_server.command", command)
    monkeypatch.setattr("serving.vllm_server._POLL_S", 0.01)
    monkeypatch.setattr("harness.experiments.wiring.engine_version", lambda: "vllm 0.33.0")
    return folder


def checkpoint(letter: str, weights: Path) -> Checkpoint:
    return Checkpoint(
        label=f"model {letter}",
        digest=letter * 64,
        weights=weights,
        precision=Precision.BFLOAT16,
        max_model_len=128,
    )


def ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.usefixtures("pids")
def test_every_checkpoint_answers_where_it_is_served_and_is_proved(tmp_path: Path, places: Places) -> None:
    pair = [checkpoint("a", tmp_path / "one"), checkpoint("b", tmp_path / "two")]
    deployment = plan_deployment(pair, MACHINE)
    heard = Heard()
    with serving(pair, deployment.servers, places, heard) as up:
        one, two = up.servers
        assert up.endpoints == {
            "a" * 64: Endpoint(url=one.url, model="wb-" + "a" * 16),
            "b" * 64: Endpoint(url=two.url, model="wb-" + "b" * 16),
        }
        assert one.url != two.url
        up.check()
        told = evidence(up, deployment)
    assert heard.said[-2:] == [
        "checking that the server holds model a",
        "checking that the server holds model b",
    ]
    assert sorted(memory.name for memory in (places.cache / "fingerprints").iterdir()) == [
        f"{'a' * 64}-vllm-0.33.0.json",
        f"{'b' * 64}-vllm-0.33.0.json",
    ]
    assert sorted(log.name for log in (places.results / "logs").iterdir()) == [
        f"vllm-wb-{'a' * 16}.log",
        f"vllm-wb-{'b' * 16}.log",
    ]
    assert told["together"] is True
    servers: Any = told["servers"]
    assert [each["models"] for each in servers] == [["wb-" + "a" * 16], ["wb-" + "b" * 16]]
    assert [each["metrics"] for each in servers] == [{"vllm:prompt_tokens": 7.0}] * 2
    assert all("--served-model-name" in each["command"] for each in servers)


def test_an_endpoint_answers_where_it_is_and_nothing_is_started(
    tmp_path: Path, places: Places, pids: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = checkpoint("a", tmp_path)
    (spec,) = plan_deployment([local], MACHINE).servers
    with VllmServer(spec, tmp_path / "theirs.log") as theirs:
        theirs.wait_ready(lambda _: None)
        remote = Checkpoint(label="theirs", digest="e" * 64, endpoint=theirs.endpoint("their-name"))
        started = list(pids.iterdir())
        monkeypatch.setattr("harness.experiments.wiring.engine_version", no_engine)
        with serving([remote], (), places, Silent()) as up:
            assert up == Serving(endpoints={"e" * 64: theirs.endpoint("their-name")}, servers=())
            up.check()
        theirs.check()
        assert list(pids.iterdir()) == started
    assert (places.cache / "fingerprints" / f"{'e' * 64}-endpoint.json").is_file()


def no_engine() -> str:
    raise ServingError("no vLLM build is installed")


def test_all_servers_are_stopped_when_one_does_not_start(tmp_path: Path, places: Places, pids: Path) -> None:
    pair = [checkpoint("a", tmp_path / "one"), checkpoint("b", tmp_path / "two")]
    (pids / f"wb-{'b' * 16}-crash").touch()
    specs = plan_deployment(pair, MACHINE).servers
    with (
        pytest.raises(ServerDied, match=r"server for wb-b+ ended with status 1;.*\n  out of memory$"),
        serving(pair, specs, places, Silent()),
    ):
        pass
    assert ended(int((pids / f"wb-{'a' * 16}").read_text()))


def test_all_servers_are_stopped_when_one_holds_another_model(
    tmp_path: Path, places: Places, pids: Path
) -> None:
    one = checkpoint("a", tmp_path)
    memory = places.cache / "fingerprints" / f"{'a' * 64}-vllm-0.33.0.json"
    memory.parent.mkdir(parents=True)
    memory.write_text("[-1.0, -1.0]")
    with (
        pytest.raises(ServingError, match="does not hold what model a is"),
        serving([one], plan_deployment([one], MACHINE).servers, places, Silent()),
    ):
        pass
    assert ended(int((pids / f"wb-{'a' * 16}").read_text()))


def test_a_server_that_dies_is_found_by_a_check(tmp_path: Path, places: Places, pids: Path) -> None:
    one = checkpoint("a", tmp_path)
    with serving([one], plan_deployment([one], MACHINE).servers, places, Silent()) as up:
        server = psutil.Process(int((pids / f"wb-{'a' * 16}").read_text()))
        server.kill()
        while not ended(server.pid):
            time.sleep(0.01)
        with pytest.raises(ServerDied, match="ended with status -9"):
            up.check()


def task(name: str) -> Task:
    return Task(
        name=name,
        digest=name * 8,
        system="",
        items=(),
        gold=(),
        schema={},
        ask=lambda _: "",
        score=lambda _, __: Score(value=0.0),
        decoding=Decoding(max_tokens=1),
    )


class Gold:
    """Stands in for MongoDB, the embedder and the stores; keeps the order of what was done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.began = threading.Event()

    @contextmanager
    def mongodb(self, _: Path, uri: str | None) -> Iterator[str]:
        self.done.append("mongodb up")
        try:
            yield uri or "mongodb://embedded"
        finally:
            self.done.append("mongodb down")

    @contextmanager
    def open(self, address: str, task: Task, _: object) -> Iterator[str]:
        self.began.set()
        if not self.go_on.wait(20):
            raise TimeoutError
        if task.name == "bad":
            raise GoldStoreUnreachable(f"{address} does not answer")
        self.done.append(f"{task.name} open")
        try:
            yield f"{task.name} at {address}"
        finally:
            self.done.append(f"{task.name} closed")


@pytest.fixture
def gold(monkeypatch: pytest.MonkeyPatch) -> Gold:
    fake = Gold()
    monkeypatch.setattr("serving.mongo_server.mongodb", fake.mongodb)
    monkeypatch.setattr("serving.embedder_choice.open_embedder", lambda *_, **__: object())
    monkeypatch.setattr("serving.gold_store.open_gold_store", fake.open)
    return fake


def retrieved(tasks: Sequence[Task], uri: str | None, places: Places) -> Mapping[str, object]:
    with gold_stores(tasks, uri, places) as retrievers:
        return dict(retrievers())


def test_without_tasks_no_gold_store_is_started(gold: Gold, places: Places) -> None:
    assert retrieved([], None, places) == {}
    assert gold.done == []


@pytest.mark.parametrize("uri", [None, "mongodb://db1"])
def test_every_task_has_its_retriever_and_all_is_closed_in_turn(
    gold: Gold, places: Places, uri: str | None
) -> None:
    address = uri or "mongodb://embedded"
    assert retrieved([task("x"), task("y")], uri, places) == {"x": f"x at {address}", "y": f"y at {address}"}
    assert gold.done == ["mongodb up", "x open", "y open", "y closed", "x closed", "mongodb down"]


def test_a_store_that_cannot_be_filled_is_told_to_whoever_waits_for_it(gold: Gold, places: Places) -> None:
    with pytest.raises(GoldStoreUnreachable, match=r"^mongodb://embedded does not answer$"):
        retrieved([task("x"), task("bad")], None, places)
    assert gold.done == ["mongodb up", "x open", "x closed", "mongodb down"]


def test_a_gate_that_ends_while_stores_are_filled_does_not_wait_for_them(gold: Gold, places: Places) -> None:
    gold.go_on.clear()

    def left_early() -> None:
        with gold_stores([task("x")], None, places):
            assert gold.began.wait(20)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        left_early()
    assert gold.done == ["mongodb up", "mongodb down"]
    gold.go_on.set()
