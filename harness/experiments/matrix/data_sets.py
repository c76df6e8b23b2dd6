"""The data sets of an experiment: put in an order in which each is made of what is there, and made once.

A data set lies under a name that carries the digest of its definition and of all it is made
of, so that the same definition is the same file, in this experiment and in any other.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import assert_never

from harness.config.task_folder import find_task, task_digest
from harness.errors import InvalidExperiment
from harness.experiments.data_draw import draw_data
from harness.experiments.data_files import Data, Room, read_data
from harness.experiments.data_steps import Sources, dedup_data, mix_data
from harness.experiments.matrix.definition import DataSet, Dedup, Draw, Mix, Read, Repeat, Spoil
from harness.experiments.progress import Progress
from harness.experiments.request import Places
from training.data.dedup import DedupSettings
from training.data.likeness import Way
from training.data.manifest import read_manifest
from training.data.mix import MixSettings
from training.data.spoil import repeat, spoil
from training.data.step import Step, leave
from training.example import Example


def parents_of(data_set: DataSet) -> tuple[str, ...]:
    """Return the data sets that one is made of."""
    match data_set:
        case Draw() | Read():
            return ()
        case Mix():
            return (data_set.mix, data_set.general)
        case Spoil():
            return (data_set.spoil,)
        case Repeat():
            return (data_set.repeat,)
        case Dedup():
            return (data_set.dedup,)
        case _:
            assert_never(data_set)


def require_order(data_sets: Mapping[str, DataSet]) -> tuple[str, ...]:
    """Return the names in an order in which each comes after what it is made of.

    Raises `InvalidExperiment` for a data set made of one that is not defined, or of itself.
    """
    graph = {name: parents_of(each) for name, each in data_sets.items()}
    for name, parents in graph.items():
        for parent in parents:
            if parent not in graph:
                raise InvalidExperiment(
                    f"data.{name} is made of {parent!r}, which is not defined: write a table [data.{parent}]"
                )
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        way = " of ".join(reversed(error.args[1]))
        raise InvalidExperiment(
            f"a data set is made of itself, {way}: begin with one that is drawn or read from a file"
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSets:
    """Makes data sets by name; files are looked up in `near` first, and what is made is kept in `folder`.

    `task` words the rows of files that nothing else words.
    """

    definitions: Mapping[str, DataSet]
    near: Path
    folder: Path
    places: Places
    task: str
    progress: Progress

    def path(self, name: str) -> Path:
        """Return the file of a data set, made now or found as it was made before.

        Raises `InvalidDataset` for what cannot be made, and `InvalidTask` for an unknown task.
        """
        out = self.folder / f"{name}-{self._digest(name)[:12]}.jsonl"
        # The manifest is written last: with it, the file is whole.
        if not (out.is_file() and read_manifest(out) is not None):
            self.progress.say(f"making the data set {name}")
            self._make(self.definitions[name], out)
        return out

    def found(self, name: str) -> Path:
        """Return a file that is read, beside the experiment or else where the program runs."""
        beside = self.near / Path(name).expanduser()
        path = beside if beside.is_file() else Path(name).expanduser()
        if not path.is_file():
            raise InvalidExperiment(
                f"{name} is neither beside the experiment nor where the program runs: give the path of a "
                "file of examples"
            )
        return path

    def _digest(self, name: str) -> str:
        """The hex sha256 of a data set's definition and of what it is made of."""
        definition = self.definitions[name]
        made_of = [self._digest(parent) for parent in parents_of(definition)]
        if isinstance(definition, Read):
            made_of.append(hashlib.sha256(self.found(definition.file).read_bytes()).hexdigest())
        if isinstance(definition, Draw | Read):
            named = definition.draw if isinstance(definition, Draw) else definition.task or self.task
            made_of.append(task_digest(find_task(named, tasks_dir=self.places.tasks)))
        whole = [definition.model_dump(mode="json"), made_of]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    def _make(self, definition: DataSet, out: Path) -> None:
        room = Room(places=self.places, task=None, tally=_Stages(self.progress))
        match definition:
            case Draw(draw=task, count=count, seed=seed):
                draw_data(task, count=count, seed=seed, out=out, places=self.places)
            case Read(file=file, task=task):
                source = str(self.found(file))
                data = read_data(source, task=task or self.task, places=self.places)
                leave(out, _step("read", data, data.examples))
            case Mix(mix=focused, general=general):
                sources = Sources(
                    focused=str(self.path(focused)), general=str(self.path(general)), refusals=None
                )
                mix_data(sources, settings=_mix_settings(definition), out=out, room=room)
            case Spoil(spoil=source, share=share, seed=seed):
                data = room.read(str(self.path(source)))
                spoilt = spoil(data.examples, share=share, seed=seed)
                leave(out, _step("spoil", data, spoilt, share=share, seed=seed))
            case Repeat(repeat=source, times=times):
                data = room.read(str(self.path(source)))
                leave(out, _step("repeat", data, repeat(data.examples, times=times), times=times))
            case Dedup(dedup=source, ways=ways):
                settings = DedupSettings(ways=tuple(map(Way, ways)))
                dedup_data(str(self.path(source)), out=out, settings=settings, room=room)
            case _:
                assert_never(definition)


def _mix_settings(definition: Mix) -> MixSettings:
    share = MixSettings().general_share if definition.share is None else definition.share
    return MixSettings(general_share=share, dilute=definition.dilute, seed=definition.seed)


def _step(name: str, data: Data, examples: tuple[Example, ...], **settings: float) -> Step:
    return Step(
        name=name,
        inputs=(data.file,),
        examples=examples,
        settings={"task": data.task_name, **settings},
        counts={"read": len(data.examples), "kept": len(examples)},
    )


class _Stages:
    """Shows the stages of the data room as those of the experiment."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def say(self, stage: str) -> None:
        self._progress.say(stage)

    def count(self, done: int, total: int) -> None:
        """Show nothing: data sets are made in seconds."""

    def end(self) -> None:
        """Show nothing."""
