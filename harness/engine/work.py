"""What the engine is given: a request to make for an item of a run, and who answers."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import msgspec

from harness.backends.port import Backend
from harness.domain.run import RunSpec
from harness.domain.task import ChoiceItem, Item, Probe, Task
from harness.engine.caching import Caching
from harness.prompting.renderer import Renderer
from harness.prompting.retrieval import Retriever
from harness.scoring.json_schema import SchemaValidator


class ReplyWork(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for a reply to `item`; `item_id` is the run's own id of it.

    `validator` and `renderer` are shared by all work of the run.
    `max_tokens` overrides the task's; `timed` streams the reply behind a first line of its
    own, so that no server answers from its prefix cache.
    """

    run: RunSpec
    item_id: str
    item: Item
    task: Task
    validator: SchemaValidator
    renderer: Renderer
    timed: bool = False
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceWork:
    """Ask for the log-likelihoods of the choices of `item`."""

    run: RunSpec
    item_id: str
    item: ChoiceItem
    probe: Probe


Work = ReplyWork | ChoiceWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Everything with an effect that the engine needs.

    `backends` by checkpoint digest, `retrievers` by task name.  `clock` gives monotonic
    seconds.  `watch` raises when a server has died, and is called twice a second; `confirm`
    raises when one does not answer, takes as long as it needs, and is called from a thread
    after a request that got no reply.  `closed` holds the pairs of runs that need no more
    results; it may grow while the work is carried out.  `caching` answers what was answered
    before.
    """

    backends: Mapping[str, Backend]
    retrievers: Mapping[str, Retriever]
    seed: int
    clock: Callable[[], float]
    watch: Callable[[], None]
    confirm: Callable[[], None]
    closed: Collection[str] = ()
    caching: Caching | None = None
