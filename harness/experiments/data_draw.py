"""Training examples drawn for a task: from its seeded generator, or else from its gold pool."""

from pathlib import Path
from random import Random

from harness.config.task_draw import draw_solved
from harness.config.task_folder import find_task, load_task
from harness.domain.prompt import Message, Role
from harness.domain.task import Inputs, Task
from harness.errors import InvalidDataset
from harness.experiments.data_files import task_name
from harness.experiments.request import Places
from harness.prompting.render import asked
from training.data.manifest import DataManifest
from training.data.step import Step, leave
from training.example import Example

GENERATOR, GOLD = "generator", "gold"
"""Where drawn examples come from."""


def draw_data(task: str, *, count: int, seed: int, out: Path, places: Places) -> DataManifest:
    """Leave `count` solved examples of a task at `out`, from its generator or else its gold pool.

    What a generator gives is neither an item nor a gold example.  Raises `InvalidDataset` when
    there are fewer.
    """
    folder = find_task(task, tasks_dir=places.tasks)
    loaded = load_task(folder)
    drawn = draw_solved(folder, loaded, count=count, seed=seed)
    if drawn is None:
        examples = _from_gold(loaded, seed)[:count]
    else:
        examples = tuple(
            _example(loaded, f"{loaded.name}-draw-{seed}-{number:05}", row.inputs, row.output, row.source)
            for number, row in enumerate(drawn, start=1)
        )
    if len(examples) < count:
        raise InvalidDataset(
            f"task {task} has {len(examples)} examples to draw and not {count}: ask for fewer with --count"
        )
    origin = GOLD if drawn is None else GENERATOR
    settings = {"task": task_name(folder, places), "task_digest": loaded.digest, "seed": seed, "from": origin}
    counts = {"kept": len(examples)}
    return leave(out, Step(name="draw", inputs=(), examples=examples, settings=settings, counts=counts))


def _from_gold(task: Task, seed: int) -> tuple[Example, ...]:
    pool = [_example(task, each.id, each.inputs, each.output, "gold") for each in task.gold]
    Random(f"gold:{seed}").shuffle(pool)  # noqa: S311 - a reproducible draw, no secret
    return tuple(pool)


def _example(task: Task, name: str, inputs: Inputs, output: str, source: str) -> Example:
    messages = (
        Message(role=Role.SYSTEM, content=task.system),
        asked(task, name, inputs),
        Message(role=Role.ASSISTANT, content=output),
    )
    return Example(id=name, messages=messages, inputs=inputs, source=source)
