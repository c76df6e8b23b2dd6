"""A definition -> its cells in order, the cell they are compared with, and the factors that vary; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from harness.domain.arm import parse_arm
from harness.domain.experiment import AS_MERGED, FACTORS, OWN_DECODING, UNTRAINED, Cell
from harness.errors import InvalidExperiment, UnknownArm
from harness.experiments.matrix.definition import Definition, Factors, Pair, RecipeLevel, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The cells to be measured, one of which is the reference, and the factors that tell them apart."""

    cells: tuple[Cell, ...]
    reference: Cell
    factors: tuple[str, ...]
    further: tuple[tuple[Cell, Cell], ...] = ()

    @property
    def comparisons(self) -> tuple[tuple[Cell, Cell], ...]:
        """Every cell with the reference, and then the further pairs, each once."""
        with_reference = [(cell, self.reference) for cell in self.cells if cell != self.reference]
        return tuple(dict.fromkeys((*with_reference, *self.further)))


def matrix_of(definition: Definition, *, where: str) -> Matrix:
    """Return the cells of a definition.

    Raises `InvalidExperiment` for levels that are not defined, defined twice or never used by
    a rule, and where no cell or no single reference is left.
    """
    try:
        _require_levels(definition)
        crossed = _crossed(definition.factors)
        for number, rule in enumerate(definition.skip, start=1):
            _require_known(rule, definition.factors, f"skip {number}")
        kept = _kept(crossed, definition.skip)
        reference = _one(definition.reference, definition, kept, "reference")
        further = tuple(
            _pair(each, definition, kept, number) for number, each in enumerate(definition.compare, 1)
        )
        cells = tuple(dict.fromkeys(_bases_once(kept, definition)))
        return Matrix(cells=cells, reference=reference, factors=_varying(cells), further=further)
    except (InvalidExperiment, UnknownArm) as error:
        raise InvalidExperiment(f"{where}: {error}") from error


def _kept(cells: Sequence[Cell], rules: Sequence[Rule]) -> list[Cell]:
    kept = [cell for cell in cells if not any(matches(rule, cell) for rule in rules)]
    if not kept:
        raise InvalidExperiment(f"the skip rules leave none of {len(cells)} cells: loosen them")
    return kept


def matches(rule: Rule, cell: Cell) -> bool:
    """Return whether a cell has one of the rule's levels in every factor that the rule names."""
    return all(cell.levels[factor] in levels for factor, levels in _named(rule).items())


def _named(rule: Rule) -> dict[str, tuple[str, ...]]:
    levels = {factor: getattr(rule, factor) for factor in FACTORS}
    return {
        factor: tuple(map(str, level)) if isinstance(level, tuple) else (str(level),)
        for factor, level in levels.items()
        if level is not None
    }


def _crossed(factors: Factors) -> list[Cell]:
    models = (
        [{"checkpoint": name} for name in factors.checkpoint]
        if factors.checkpoint
        else [
            {"data": data, "recipe": recipe}
            for data, recipe in product(factors.data or (), factors.recipe or ())
        ]
    )
    seeds = [""] if factors.seed is None else list(map(str, factors.seed))
    served = product(models, seeds, factors.merge_into, factors.export)
    return [
        Cell(**model, seed=seed, merge_into=into, export=export, arm=arm, decoding=decoding)
        for (model, seed, into, export), arm, decoding in product(served, factors.arm, factors.decoding)
    ]


def _bases_once(cells: Sequence[Cell], definition: Definition) -> list[Cell]:
    """What is not trained is the same under every recipe of one file and seed, and merged into nothing."""
    first: dict[tuple[str, object], str] = {}
    for name in definition.factors.recipe or ():
        first.setdefault(_base_of(definition.recipe[name]), name)
    into = definition.factors.merge_into[0]
    return [
        replace(
            cell,
            recipe=first[_base_of(definition.recipe[cell.recipe])],
            seed="",
            merge_into=into,
            export=AS_MERGED,
        )
        if cell.data == UNTRAINED
        else cell
        for cell in cells
    ]


def _base_of(recipe: RecipeLevel) -> tuple[str, object]:
    return recipe.file, recipe.set.get("base")


def _require_levels(definition: Definition) -> None:
    factors = definition.factors
    trains = factors.data is not None or factors.recipe is not None
    if trains and factors.checkpoint is not None:
        raise InvalidExperiment(
            "factors.checkpoint stands beside data or recipe: cross checkpoints that exist, or train them, "
            "and make two experiments of the two"
        )
    of_training = [name for name in ("seed", "export") if name in factors.model_fields_set]
    if of_training and factors.checkpoint is not None:
        raise InvalidExperiment(
            f"factors.{of_training[0]} stands beside checkpoint, but is about what is trained here: leave it "
            "out, and name a checkpoint for each"
        )
    if factors.checkpoint is None and not (factors.data and factors.recipe):
        raise InvalidExperiment(
            'factors name no model: write checkpoint = ["smollm2-135m"], or both data and recipe'
        )
    for factor in FACTORS:
        levels = getattr(factors, factor) or ()
        twice = next((level for level in levels if levels.count(level) > 1), None)
        if twice is not None:
            raise InvalidExperiment(f"factors.{factor} names {twice!r} twice: name each level once")
    for arm in factors.arm:
        parse_arm(arm)
    _require_defined("data", factors.data or (), {UNTRAINED, *definition.data})
    _require_defined("recipe", factors.recipe or (), set(definition.recipe))
    _require_defined("decoding", factors.decoding, {OWN_DECODING, *definition.decoding})
    for table, own in (("data", UNTRAINED), ("decoding", OWN_DECODING)):
        if own in getattr(definition, table):
            raise InvalidExperiment(f"{table}.{own} is defined, but that name is taken: give it another")


def _require_defined(factor: str, levels: Sequence[str], known: set[str]) -> None:
    for level in levels:
        if level not in known:
            raise InvalidExperiment(
                f"factors.{factor} names {level!r}, which is not defined: write a table [{factor}.{level}], "
                f"or use one of {', '.join(sorted(known)) or 'none'}"
            )


def _require_known(rule: Rule, factors: Factors, where: str) -> None:
    named = _named(rule)
    if not named:
        raise InvalidExperiment(f"{where} names no factor and would match every cell: name at least one")
    for factor, levels in named.items():
        known = getattr(factors, factor) or ()
        for level in levels:
            if level not in map(str, known):
                raise InvalidExperiment(
                    f"{where}.{factor} is {level!r}, which is no level of this experiment: use one of "
                    f"{', '.join(map(str, known)) or 'none: the factor is not varied'}"
                )


def _pair(pair: Pair, definition: Definition, cells: Sequence[Cell], number: int) -> tuple[Cell, Cell]:
    cell = _one(pair.cell, definition, cells, f"compare {number}.cell")
    against = _one(pair.against, definition, cells, f"compare {number}.against")
    if cell == against:
        raise InvalidExperiment(f"compare {number} names one cell twice: name two")
    return cell, against


def _one(rule: Rule, definition: Definition, cells: Sequence[Cell], where: str) -> Cell:
    """The one cell that a rule marks."""
    _require_known(rule, definition.factors, where)
    marked = [cell for cell in cells if matches(rule, cell)]
    found = tuple(dict.fromkeys(_bases_once(marked, definition)))
    if not found:
        raise InvalidExperiment(f"{where} is a cell that the skip rules leave out: name another")
    if len(found) > 1:
        varied = ", ".join(_varying(found))
        raise InvalidExperiment(
            f"{where} fits {len(found)} cells: name a level of {varied} too, so that one is left"
        )
    return found[0]


def _varying(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The factors in which cells differ; the arm where there is one cell."""
    varying = tuple(f for f in FACTORS if len({cell.levels[f] for cell in cells}) > 1)
    return varying or ("arm",)
