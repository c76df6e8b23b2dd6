"""How far those who label the same things agree, beyond what chance would have them agree.

Labels are names without an order.  Both measures are 1 for full agreement and 0 for that of
labels dealt out at random; both are undefined where everybody always says the same, since then
nothing tells agreement from habit.
"""

from collections import Counter
from collections.abc import Hashable, Sequence

from harness.errors import InvalidComparison


def cohen_kappa(one: Sequence[Hashable], other: Sequence[Hashable]) -> float | None:
    """Return Cohen's kappa, in [-1, 1], of two who labelled the same n things; None where undefined.

    (observed - expected) / (1 - expected), expected from each one's own shares.  Raises
    `InvalidComparison` for labels that do not pair, or none.

    Cohen, Educational and Psychological Measurement 20 (1960) 37-46.
    """
    if len(one) != len(other) or not one:
        raise InvalidComparison(
            f"{len(one)} labels come with {len(other)}: let both label the same things, one or more"
        )
    n = len(one)
    ours, theirs = Counter(one), Counter(other)
    # Whole numbers, so that full habit is exactly 1 and never divides.
    agreed = n * sum(mine == yours for mine, yours in zip(one, other, strict=True))
    expected = sum(ours[label] * theirs[label] for label in ours)
    return None if expected == n * n else (agreed - expected) / (n * n - expected)


def krippendorff_alpha(units: Sequence[Sequence[Hashable]]) -> float | None:
    """Return Krippendorff's alpha for nominal data, at most 1; None where it is undefined.

    `units` are the labels that each thing got, from any number of labellers and not always the
    same; a thing with fewer than two tells nothing and is left out.  alpha = 1 - D_o / D_e.

    Krippendorff, Content Analysis (2004) chapter 11, nominal metric.
    """
    total = 0
    disagreed = 0.0
    totals: Counter[Hashable] = Counter()
    for unit in units:
        given = len(unit)
        if given < 2:  # noqa: PLR2004 - a pair
            continue
        counts = Counter(unit)
        total += given
        totals.update(counts)
        disagreed += (given * given - sum(count * count for count in counts.values())) / (given - 1)
    by_chance = total * total - sum(count * count for count in totals.values())
    return None if not by_chance else 1.0 - (total - 1) * disagreed / by_chance
