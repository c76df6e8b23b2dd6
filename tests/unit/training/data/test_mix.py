"""Mixtures have the shares that were asked for, or are refused with what is missing."""

from collections.abc import Callable, Sequence

import pytest

from harness import InvalidDataset
from training.data.mix import GENERAL, REFUSAL, MixSettings, is_mixed_in, mix
from training.example import Example

Build = Callable[..., Example]
UNKNOWING = "I don't know."


@pytest.fixture
def pools(an_example: Build) -> tuple[list[Example], list[Example], list[Example]]:
    """80 focused examples, 300 general ones, 50 refusals."""
    return (
        [an_example(f"focused {n}", id=f"f{n}") for n in range(80)],
        [an_example(f"general {n}", id=f"g{n}") for n in range(300)],
        [an_example(f"unknown {n}", UNKNOWING, id=f"r{n}") for n in range(50)],
    )


def _tagged(examples: Sequence[Example], tag: str) -> int:
    return sum(tag in each.tags for each in examples)


def test_shares_are_of_the_whole(pools: tuple[list[Example], ...]) -> None:
    mixed = mix(*pools, MixSettings(general_share=0.15, refusal_share=0.05))
    assert mixed.counts == {"kept": 100, "focused": 80, "general": 15, "refusals": 5}
    assert (_tagged(mixed.examples, GENERAL), _tagged(mixed.examples, REFUSAL)) == (15, 5)
    assert sum(map(is_mixed_in, mixed.examples)) == 20


def test_dilution_counts_general_examples_a_focused_one(pools: tuple[list[Example], ...]) -> None:
    mixed = mix(*pools, MixSettings(dilute=3))
    assert (mixed.focused, mixed.general, len(mixed.examples)) == (80, 240, 320)


def test_no_share_leaves_the_focused_alone_in_another_order(pools: tuple[list[Example], ...]) -> None:
    mixed = mix(pools[0], [], [], MixSettings(general_share=0.0))
    assert sorted(each.id for each in mixed.examples) == sorted(each.id for each in pools[0])
    assert mixed.examples != tuple(pools[0])


def test_refusals_among_the_focused_count(pools: tuple[list[Example], ...], an_example: Build) -> None:
    focused = [*pools[0], *(an_example("unknown", UNKNOWING) for _ in range(4))]
    mixed = mix(focused, pools[1], pools[2], MixSettings(general_share=0.0, refusal_share=0.2))
    assert (len(mixed.examples), mixed.refusals, _tagged(mixed.examples, REFUSAL)) == (100, 20, 16)


def test_refusals_are_taken_from_the_general_data_when_none_are_given(
    pools: tuple[list[Example], ...],
) -> None:
    focused, general, refusals = pools
    mixed = mix(focused, [*general, *refusals], [], MixSettings(general_share=0.15, refusal_share=0.05))
    assert (_tagged(mixed.examples, REFUSAL), mixed.refusals) == (5, 5)
    assert all(each.id.startswith("r") for each in mixed.examples if REFUSAL in each.tags)


def test_the_same_seed_gives_the_same_and_another_something_else(pools: tuple[list[Example], ...]) -> None:
    assert mix(*pools, MixSettings(seed=1)) == mix(*pools, MixSettings(seed=1))
    assert mix(*pools, MixSettings(seed=1)) != mix(*pools, MixSettings(seed=2))


def test_a_larger_share_draws_the_same_and_more(pools: tuple[list[Example], ...]) -> None:
    drawn = [
        {each.id for each in mix(*pools, MixSettings(dilute=dilute)).examples if GENERAL in each.tags}
        for dilute in (0.5, 1, 3)
    ]
    assert drawn[0] < drawn[1] < drawn[2]


def test_a_name_that_is_taken_is_told_apart(an_example: Build) -> None:
    mixed = mix([an_example(id="a")], [an_example("other", id="a")], [], MixSettings(dilute=1))
    assert sorted(each.id for each in mixed.examples) == ["a", "general-a"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (MixSettings(dilute=10), "takes 800 general examples and there are 300: give more with --general"),
        (MixSettings(refusal_share=0.5), "refusals and there are 50: give more with --refusals"),
    ],
)
def test_too_few_are_refused_with_how_many_are_there(
    settings: MixSettings, expected: str, pools: tuple[list[Example], ...]
) -> None:
    with pytest.raises(InvalidDataset, match=expected):
        mix(*pools, settings)


@pytest.mark.parametrize("dilute", [None, 1.0])
def test_more_refusals_than_asked_for_are_refused_with_a_share_that_works(
    dilute: float | None, pools: tuple[list[Example], ...], an_example: Build
) -> None:
    focused = [*pools[0][:10], *(an_example("unknown", UNKNOWING) for _ in range(10))]
    general_share = 0.0 if dilute is None else 0.15
    with pytest.raises(InvalidDataset, match="10 of 20 focused examples are refusals already") as caught:
        mix(focused, pools[1], [], MixSettings(general_share=general_share, refusal_share=0.1, dilute=dilute))
    share = float(str(caught.value).split("raise --refusal-share to ")[1].split(",")[0])
    mixed = mix(
        focused,
        pools[1],
        pools[2],
        MixSettings(general_share=general_share, refusal_share=share, dilute=dilute),
    )
    assert mixed.refusals >= 10


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"general_share": 1.0}, "the general share is 1"),
        ({"general_share": -0.1}, "the general share is -0.1"),
        ({"refusal_share": float("nan")}, "the refusal share is nan"),
        ({"general_share": 0.6, "refusal_share": 0.4}, "leave no room for focused"),
        ({"dilute": 0.0}, "a dilution of 0"),
        ({"dilute": float("inf")}, "a dilution of inf"),
    ],
)
def test_shares_that_cannot_be_are_refused(fields: dict[str, float], expected: str) -> None:
    with pytest.raises(InvalidDataset, match=expected):
        MixSettings(**fields)  # type: ignore[arg-type]
