"""Starts what has to run: vLLM servers, gold stores, HTTP sessions; and stops it again."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.domain.checkpoint import Checkpoint, Endpoint
from harness.domain.task import Task
from harness.errors import ServerDied
from harness.experiments.progress import Progress
from harness.experiments.request import Places
from harness.prompting.retrieval import Retriever
from serving.deployment import Deployment, ServerSpec
from serving.fingerprint import prove, prove_apart
from serving.hardware import engine_version
from serving.health import is_alive
from serving.metrics import scrape
from serving.vllm_command import command
from serving.vllm_server import VllmServer

UNKNOWN_ENGINE = "endpoint"
"""Stands for the engine behind an endpoint, which nobody here chose."""

_LAST_CHANCES = 5
_BETWEEN_CHANCES_S = 0.5

Retrievers = Callable[[], Mapping[str, Retriever]]
"""Gives the retrievers by task name, waiting for them if they are still being filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The servers that are up: where each checkpoint answers, by digest.

    `replicas` are further endpoints of a checkpoint; `engine` is what answers for those that
    are served from here.
    """

    endpoints: Mapping[str, Endpoint]
    servers: tuple[VllmServer, ...]
    replicas: Mapping[str, tuple[Endpoint, ...]] = field(default_factory=dict)
    engine: str = UNKNOWN_ENGINE

    def check(self) -> None:
        """Raise `ServerDied` when any server of our own has ended."""
        for server in self.servers:
            server.check()

    def confirm(self) -> None:
        """Raise `ServerDied` when a server has ended, or all of a checkpoint's are silent for two seconds.

        Asked after a request got no reply: a reply that a dead server owes is no result.
        Where others hold the same checkpoint, they were asked in its place.
        """
        for _ in range(_LAST_CHANCES):
            self.check()
            silent = [urls for urls in self._root_urls if not any(map(is_alive, urls))]
            if not silent:
                return
            time.sleep(_BETWEEN_CHANCES_S)
        self.check()
        raise ServerDied(
            f"the server at {' or '.join(silent[0])} no longer answers; what was answered is kept: start it "
            "again, and the same command goes on from there"
        )

    @property
    def _root_urls(self) -> tuple[tuple[str, ...], ...]:
        """The servers of each checkpoint."""
        homes = [(endpoint, *self.replicas.get(digest, ())) for digest, endpoint in self.endpoints.items()]
        return tuple({tuple(endpoint.url.removesuffix("/v1") for endpoint in members) for members in homes})


@contextmanager
def serving(
    checkpoints: Sequence[Checkpoint], specs: Sequence[ServerSpec], places: Places, progress: Progress
) -> Iterator[Serving]:
    """Yield the servers of `specs` and the endpoints of `checkpoints`, ready and proved."""
    with ExitStack() as stack:
        servers = tuple(stack.enter_context(VllmServer(spec, _log(places, spec))) for spec in specs)
        for server in servers:
            server.wait_ready(progress.say)
        homes = {model: server.endpoint(model) for server in servers for model in server.spec.models}
        endpoints = {each.digest: each.endpoint or homes[each.served_name] for each in checkpoints}
        engine = engine_version() if servers else UNKNOWN_ENGINE
        seen = {}
        for each in checkpoints:
            progress.say(f"checking that the server holds {each.label}")
            for endpoint in (endpoints[each.digest], *each.replicas):
                seen[endpoint] = prove(each, endpoint, cache=places.cache, engine=engine)
        for url in {endpoint.url for endpoint in seen}:
            sharing = {endpoint: said for endpoint, said in seen.items() if endpoint.url == url}
            if len(sharing) > 1:
                progress.say("checking that the server keeps its models apart")
                prove_apart(sharing)
        replicas = {each.digest: each.replicas for each in checkpoints if each.replicas}
        yield Serving(endpoints=endpoints, servers=servers, replicas=replicas, engine=engine)


@contextmanager
def gold_stores(tasks: Sequence[Task], uri: str | None, places: Places) -> Iterator[Retrievers]:
    """Yield the retrievers of `tasks`; they are filled in the background, once for ever."""
    if not tasks:
        yield dict
        return
    from serving.mongo_server import mongodb

    pool = ThreadPoolExecutor(1)
    with mongodb(places.cache, uri) as address, ExitStack() as stack:
        # A server that dies meanwhile must be reported at once, not when the pool is filled.
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        yield pool.submit(_fill, stack, address, tasks, places).result


def evidence(serving: Serving, deployment: Deployment) -> dict[str, object]:
    """Return command lines and the servers' own metrics, for the record."""
    return {
        "together": deployment.together,
        "servers": [
            {
                "models": list(server.spec.models),
                "command": command(server.spec, 0),
                "metrics": scrape(server.root_url),
            }
            for server in serving.servers
        ],
    }


def _fill(stack: ExitStack, address: str, tasks: Sequence[Task], places: Places) -> Mapping[str, Retriever]:
    from serving.embedder_choice import open_embedder
    from serving.gold_store import open_gold_store

    embedder = open_embedder(places.embedder, cache=places.cache)
    return {task.name: stack.enter_context(open_gold_store(address, task, embedder)) for task in tasks}


def _log(places: Places, spec: ServerSpec) -> Path:
    return places.results / "logs" / f"vllm-{spec.served_name}.log"
