"""Composes the check that an adapter is served as it was trained: its tokens, then its weights."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from harness.config.task_folder import find_task, load_task
from harness.domain.arm import Arm, parse_arm
from harness.domain.checkpoint import Endpoint, Precision
from harness.errors import UsageError
from harness.experiments.adapter import Adapter, find_adapter
from harness.experiments.conversations import gold_conversations
from harness.experiments.progress import Progress, ended
from harness.experiments.request import Places
from harness.experiments.wiring import serving
from serving.checkpoints import resolve_checkpoint
from serving.deployment import plan_deployment
from serving.hardware import hardware
from serving.served_tokens import served_ids, served_logprobs
from training.chat_template import chat_template, template_digest
from training.conversation import Conversation
from training.distance import Served, served_weights
from training.example_rows import read_examples
from training.merge import MergeBase, merged_checkpoint, settled
from training.parity import Parity, judged, trained_placement, write_parity
from training.parity_weights import Placement, ReplyLogprobs, WeightsJob, measure_apart
from training.renders import Tokens, TrainingRender, compare_renders

_AS_WRITTEN = "as written"
_ZERO_SHOT = "zero-shot"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityRequest:
    """Compare the adapter of `checkpoint` as it was trained with how it is served.

    The conversations are gold examples of `task` under `arms` in turn, or the examples in
    `data`; without any of them what the certificate names.  `into` is the base to merge into,
    `precision` what merged weights are rounded to.  `endpoint` names a server to compare with
    in place of one of our own; with `server` False weights alone are compared.
    """

    checkpoint: str
    places: Places
    task: str | None = None
    arms: tuple[Arm, ...] = ()
    data: Path | None = None
    conversations: int = 50
    into: MergeBase = MergeBase.AS_TRAINED
    precision: Precision | None = None
    server: bool = True
    endpoint: str | None = None
    in_place: bool = False
    max_model_len: int = 8192
    mongodb_uri: str | None = None


def run_parity(request: ParityRequest, progress: Progress) -> Parity:
    """Return what was found, having left it as `parity.json` in the adapter's folder.

    Raises `UnknownCheckpoint` for what is no adapter, `ServingError` for a server that does not
    tell its tokens, and `TrainingError` when the weights cannot be compared.
    """
    with ended(progress):
        subject = find_adapter(
            request.checkpoint,
            request.places,
            precision=request.precision,
            max_model_len=request.max_model_len,
            progress=progress,
        )
        chosen = _conversations(request, subject, progress)
        render = TrainingRender(subject.base)
        tokens = tuple(map(render.tokens, chosen))
        served = _asked(request, subject, render, chosen, progress)
        progress.say("comparing log-probabilities of merged and unmerged weights")
        measured = measure_apart(_job(request, subject, tokens))
        parity = _parity(request, subject, chosen, measured, served)
        write_parity(subject.folder, parity)
    return parity


def _conversations(request: ParityRequest, subject: Adapter, progress: Progress) -> tuple[Conversation, ...]:
    certificate = subject.certificate
    name = request.task or (certificate.task if certificate is not None else "")
    task = load_task(find_task(name, tasks_dir=request.places.tasks)) if name else None
    if request.data is not None:
        examples = read_examples(request.data, task=task)[: request.conversations]
        return tuple(
            Conversation(id=each.id, arm=_AS_WRITTEN, prompt=each.prompt, completion=each.completion)
            for each in examples
        )
    if task is None:
        raise UsageError(
            f"adapter {subject.folder} does not say which task it was trained for: name one with --task, or "
            "conversations with --data"
        )
    recorded = tuple(certificate.prompt_arms) if certificate is not None else ()
    arms = request.arms or tuple(map(parse_arm, recorded or (_ZERO_SHOT,)))
    progress.say("rendering conversations")
    return gold_conversations(
        task, arms, request.conversations, places=request.places, mongodb_uri=request.mongodb_uri
    )


def _asked(
    request: ParityRequest,
    subject: Adapter,
    render: TrainingRender,
    conversations: Sequence[Conversation],
    progress: Progress,
) -> Served | None:
    """What a server makes of the conversations, None when none is to be asked."""
    if not request.server:
        return None
    with _server(request, subject, progress) as (name, endpoint):
        progress.say(f"asking {name} for its tokens and their log-probabilities")
        found = compare_renders(
            render, conversations, lambda messages, ask: served_ids(endpoint, messages, ask=ask)
        )
        # Other tokens are another question; what a server holds is asked in the trained ones.
        tokens = map(render.tokens, conversations)
        logprobs = tuple(served_logprobs(endpoint, each.whole)[each.start - 1 :] for each in tokens)
    return Served(name=name, difference=found, logprobs=logprobs)


@contextmanager
def _server(request: ParityRequest, subject: Adapter, progress: Progress) -> Iterator[tuple[str, Endpoint]]:
    """Yield the name and address of the server to compare with, one of our own where none is named."""
    if request.endpoint is not None:
        found = resolve_checkpoint(
            request.endpoint,
            cache=request.places.cache,
            precision=subject.precision,
            max_model_len=request.max_model_len,
            say=progress.say,
        )
        if found.endpoint is None:
            raise UsageError(f"{request.endpoint} is no endpoint: write http://host:port/v1#model-name")
        yield request.endpoint, found.endpoint
        return
    merged = merged_checkpoint(
        subject.checkpoint, cache=request.places.cache, say=progress.say, into=request.into
    )
    specs = plan_deployment([merged], hardware()).servers
    with serving([merged], specs, request.places, progress) as up:
        chosen = settled(request.into, subject.folder)
        yield f"a server of it merged into the {chosen} base", up.endpoints[merged.digest]


def _job(request: ParityRequest, subject: Adapter, tokens: tuple[Tokens, ...]) -> WeightsJob:
    trained = trained_placement(subject.certificate)
    usual = [each for each in Placement if each is not Placement.IN_PLACE]
    extra = [Placement.IN_PLACE] if request.in_place else []
    return WeightsJob(
        base=str(subject.base),
        adapter=str(subject.folder),
        precision=subject.precision,
        placements=tuple(dict.fromkeys([trained, *usual, *extra])),
        tokens=tokens,
    )


def _parity(
    request: ParityRequest,
    subject: Adapter,
    conversations: Sequence[Conversation],
    measured: Sequence[ReplyLogprobs],
    served: Served | None,
) -> Parity:
    template = chat_template(subject.base)
    plain = Parity(
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        adapter_digest=subject.digest,
        base_digest=subject.base_digest,
        template_digest="" if template is None else template_digest(template),
        arms=tuple(dict.fromkeys(each.arm for each in conversations)),
        conversations=len(conversations),
        precision=subject.precision,
        trained=measured[0].placement,
        into=settled(request.into, subject.folder),
    )
    found = None if served is None else served_weights(served, measured)
    difference = None if served is None else served.difference
    return judged(replace(plain, served=found, difference=difference), measured, subject.certificate)
