"""Answers that were given before, under a key that holds everything they depend on.

The key is (checkpoint digest, exact prompt, decoding settings, seed, engine version); a
name is no part of it.  The seed is derived from the run's seed, the side and the item's id,
so the repeats of an item are told apart by it, and so are the two sides of a checkpoint
that is weighed against itself: its noise is measured, never copied.

Timed requests are never answered from here.  Nor is what an endpoint answers: its digest is
that of an address, which somebody else may serve other weights under tomorrow.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias, TypeVar

from harness.domain.response import ChoiceResponse, GenerationFailure, Response
from harness.domain.task import Decoding, Json

Answer: TypeAlias = Response | ChoiceResponse
"""What can be kept: a failure never is."""

_A = TypeVar("_A", Response, ChoiceResponse)


class ResponseStore(Protocol):
    """Keeps answers by key; one that is lost costs a request and nothing else."""

    def get(self, key: str) -> Answer | None:
        """Return the answer kept under `key`."""
        ...

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer."""
        ...


class Caching:
    """Asks a store before it asks a server, for checkpoints whose engine is known."""

    def __init__(self, store: ResponseStore, engines: Mapping[str, str]) -> None:
        """Take the store and the engine versions by digest of the checkpoints whose answers may be kept."""
        self._store = store
        self._engines = engines
        self.answered = 0

    def key(
        self,
        checkpoint: str,
        prompt: str,
        *,
        decoding: Decoding | None,
        schema: Mapping[str, Json] | None,
        seed: int,
    ) -> str | None:
        """Return the key of a request, None where its answer must not be kept.

        `checkpoint` and `prompt` are digests; `decoding` is None for log-likelihoods.
        """
        engine = self._engines.get(checkpoint)
        if engine is None:
            return None
        settings: list[object] = [] if decoding is None else _settings(decoding, schema)
        whole = [_FORMAT, checkpoint, prompt, settings, seed, engine]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    async def answer(
        self, key: str, kind: type[_A], ask: Callable[[], Awaitable[_A | GenerationFailure]]
    ) -> _A | GenerationFailure:
        """Return the `kind` of answer under `key`, or else what `ask` brings, kept unless it is a failure."""
        known = self.known(key, kind)
        if known is not None:
            return known
        outcome = await ask()
        self.keep(key, outcome)
        return outcome

    def known(self, key: str, kind: type[_A]) -> _A | None:
        """Return the `kind` of answer under `key`."""
        known = self._store.get(key)
        if not isinstance(known, kind):
            return None
        self.answered += 1
        return known

    def keep(self, key: str, outcome: Answer | GenerationFailure) -> None:
        """Keep an answer under `key`, a failure never."""
        if not isinstance(outcome, GenerationFailure):
            self._store.put(key, outcome)


_FORMAT = 1


def _settings(decoding: Decoding, schema: Mapping[str, Json] | None) -> list[object]:
    forced = dict(schema) if decoding.constrained and schema is not None else None
    return [decoding.max_tokens, decoding.temperature, decoding.top_p, decoding.constrained, forced]
