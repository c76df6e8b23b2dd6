"""Whom to ask for text that is not weighed: endpoints by their keys, or checkpoints served from here."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from harness.backends.fleet import Fleet, FleetSettings
from harness.backends.openai_http import HttpSettings, OpenAiBackend
from harness.backends.port import Backend, GenerationRequest
from harness.backends.session import HttpSession
from harness.domain.checkpoint import Checkpoint, Endpoint
from harness.domain.prompt import Message, Prompt
from harness.domain.response import FailureKind, GenerationFailure, Response
from harness.domain.task import Decoding, Json
from harness.engine.caching import Caching
from harness.errors import ServingError, UsageError
from harness.experiments.prepare import machine_for, servable
from harness.experiments.progress import Progress
from harness.experiments.request import Places
from harness.experiments.wiring import serving
from harness.prompting.render import prompt_digest
from serving.deployment import plan_deployment

_OF_THIS_REQUEST = ("HTTP 400", "HTTP 413", "HTTP 422")
"""Refusals that another request may not meet: it was too long, or its schema was not taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Somebody who answers: a checkpoint, where it answers, and the key for that place."""

    checkpoint: Checkpoint
    endpoint: Endpoint
    engine: str | None
    api_key: str | None = None


@contextmanager
def voices(names: Mapping[str, str | None], places: Places, progress: Progress) -> Iterator[dict[str, Voice]]:
    """Yield who answers, by name, those that are no endpoints served from here meanwhile.

    `names` maps each to its API key.  Raises `UnknownCheckpoint` and `ServingError`.
    """
    machine = machine_for(names)
    found = {
        name: servable(name, cache=places.cache, machine=machine, max_model_len=8192, progress=progress)
        for name in names
    }
    local = tuple({each.digest: each for each in found.values() if each.endpoint is None}.values())
    plan = plan_deployment(local, machine) if local else None
    if plan is not None and not plan.together:
        raise UsageError("memory holds only one of teacher and critic: name an endpoint for one of them")
    with serving(local, plan.servers if plan else (), places, progress) as up:
        yield {
            name: Voice(
                checkpoint=each,
                endpoint=each.endpoint or up.endpoints[each.digest],
                engine=None if each.endpoint else up.engine,
                api_key=names[name],
            )
            for name, each in found.items()
        }


def called(name: str) -> str:
    """Return what an example is said to come from: the model at an endpoint, or the checkpoint as named."""
    return name.partition("#")[2] or name


def key_in(variable: str | None) -> str | None:
    """Return the API key that the environment variable holds, None for no variable.

    Raises `UsageError` when it is not set.
    """
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise UsageError(f"the environment variable {variable} holds no API key: set it, or name another one")
    return key


class Speaker:
    """One voice over a session, asked one thing at a time or many at once."""

    def __init__(self, voice: Voice, session: HttpSession, settings: HttpSettings, caching: Caching) -> None:
        """Take the voice and the patience; `settings` carry its key."""
        self._voice = voice
        self._caching = caching
        members: list[Backend] = [
            OpenAiBackend(endpoint, session, settings)
            for endpoint in (voice.endpoint, *voice.checkpoint.replicas)
        ]
        spread = FleetSettings(per_member=64, resend=settings.resend)
        self._backend = members[0] if len(members) == 1 else Fleet(members, spread, session.clock)

    async def say(
        self, messages: Sequence[Message], decoding: Decoding, schema: Mapping[str, Json] | None, seed: int
    ) -> Response | GenerationFailure:
        """Return the reply, from the cache for a checkpoint served from here, or why this prompt has none.

        Raises `ServingError` for what the next prompt would meet too: nobody there, a wrong key.
        """
        prompt = Prompt(messages=tuple(messages))
        request = GenerationRequest(prompt=prompt, decoding=decoding, seed=seed, due_s=0.0, schema=schema)
        digest = self._voice.checkpoint.digest
        key = self._caching.key(digest, prompt_digest(prompt), decoding=decoding, schema=schema, seed=seed)
        if key is None:
            outcome = await self._backend.generate(request)
        else:
            outcome = await self._caching.answer(key, Response, lambda: self._backend.generate(request))
        if isinstance(outcome, GenerationFailure) and not _is_of_this_request(outcome):
            raise ServingError(
                f"{self._voice.checkpoint.label} gave no reply ({outcome.message}): mend that, and the same "
                "command goes on from what was answered"
            )
        return outcome


def _is_of_this_request(failure: GenerationFailure) -> bool:
    if failure.kind is FailureKind.MALFORMED:
        return True
    return failure.kind is FailureKind.REFUSED and failure.message.startswith(_OF_THIS_REQUEST)
