"""The steps of the data room from files to a file: read, carry out, leave."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from harness.config.task_folder import find_task, load_task
from harness.experiments.data_files import Data, Room, counted_embedder
from suites.probes import PROBES, load_probe
from training.data.decontaminate import decontaminate
from training.data.dedup import DedupSettings, deduplicate
from training.data.evaluated import evaluated
from training.data.likeness import Way
from training.data.manifest import DataManifest
from training.data.mix import MixSettings, mix
from training.data.step import Aside, Step, leave, require_apart


def dedup_data(source: str, *, out: Path, settings: DedupSettings, room: Room) -> DataManifest:
    """Leave the examples of `source` that each say something else at `out`, the groups beside it."""
    data = room.read(source)
    require_apart(out, (data.file,))
    embed = counted_embedder(room.places, room.tally) if Way.MEANING in settings.ways else None
    result = deduplicate(data.examples, settings, embed=embed, say=room.tally.say)
    step = Step(
        name="dedup",
        inputs=(data.file,),
        examples=result.kept,
        settings={
            "task": data.task_name,
            "ways": [str(way) for way in settings.ways],
            "wording": settings.wording,
            "meaning": settings.meaning,
        },
        counts=result.counts,
        asides=(Aside(kind="groups", rows=result.groups),),
    )
    return leave(out, step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What examples are held against, and from which cosine on two questions mean the same.

    A `meaning` of None compares words alone.
    """

    tasks: tuple[str, ...]
    probes: tuple[str, ...]
    meaning: float | None


def probes_named(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of probes, every one for `all`."""
    return PROBES if "all" in names else tuple(names)


def decontaminate_data(source: str, *, against: Against, out: Path, room: Room) -> DataManifest:
    """Leave the examples of `source` that meet no item of the tasks and probes at `out`.

    Those that do are left beside it, with the item they met.
    """
    data = room.read(source)
    require_apart(out, (data.file,))
    room.tally.say("loading tasks and probes")
    loaded = [load_task(find_task(name, tasks_dir=room.places.tasks)) for name in against.tasks]
    found = [load_probe(name, items=None, seed=0) for name in against.probes]
    result = decontaminate(
        data.examples,
        evaluated(loaded, found),
        meaning=1.0 if against.meaning is None else against.meaning,
        embed=None if against.meaning is None else counted_embedder(room.places, room.tally),
        say=room.tally.say,
    )
    step = Step(
        name="decontaminate",
        inputs=(data.file,),
        examples=result.kept,
        settings={
            "task": data.task_name,
            "tasks": {task.name: task.digest for task in loaded},
            "probes": {probe.name: probe.digest for probe in found},
            "meaning": against.meaning,
        },
        counts=result.counts,
        asides=(Aside(kind="removed", rows=[met.row for met in result.removed]),),
    )
    return leave(out, step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What is mixed: sources of examples, the last two of which may be missing."""

    focused: str
    general: str | None
    refusals: str | None


def mix_data(sources: Sources, *, settings: MixSettings, out: Path, room: Room) -> DataManifest:
    """Leave all focused examples with their share of general ones and refusals at `out`."""
    data = room.read(sources.focused)
    general, refusals = (
        None if source is None else _worded_apart(room.read(source), data)
        for source in (sources.general, sources.refusals)
    )
    read = [each for each in (data, general, refusals) if each is not None]
    require_apart(out, [each.file for each in read])
    mixed = mix(
        data.examples,
        () if general is None else general.examples,
        () if refusals is None else refusals.examples,
        settings,
    )
    step = Step(
        name="mix",
        inputs=tuple(each.file for each in read),
        examples=mixed.examples,
        settings={"task": data.task_name, **asdict(settings)},
        counts=mixed.counts,
    )
    return leave(out, step)


def _worded_apart(data: Data, focused: Data) -> Data:
    """Examples that another task words are mixed in as the conversations they are."""
    if data.task_name == focused.task_name:
        return data
    return replace(data, examples=tuple(replace(each, inputs=None) for each in data.examples))
