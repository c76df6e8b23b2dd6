"""What a run comes to: the mean of each metric with its error, and what its replies took.

Kept beside the items because a trend over a thousand gates must not read them all again.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Series: TypeAlias = Mapping[tuple[str, str], "NDArray[np.float64]"]
"""The values of every metric and part, item by item; NaN where an item has none."""

_LOW, _HIGH = 0.5, 0.95


class Line(Protocol):
    """One item's result, as far as it is summed up here."""

    @property
    def scores(self) -> Mapping[str, Any]:
        """By metric."""


def score_series(lines: Sequence[Line]) -> Series:
    """Return what every item scored, and '' as the part of the score itself."""
    import numpy as np

    scores = [line.scores for line in lines]
    return {
        (metric, part): np.array(column, dtype=np.float64)
        for metric in dict.fromkeys(chain.from_iterable(scores))
        for part, column in _columns([each.get(metric) for each in scores]).items()
    }


def run_metrics(series: Series, clusters: Sequence[str]) -> Mapping[str, "NDArray[Any]"]:
    """Return items, sources, mean and cluster-robust error of every metric and part, as columns.

    `clusters` names the source of every item.  The error is that of `cluster_mean`; NaN, which
    stands for NULL, where all items share a source.
    """
    import numpy as np

    numbers: dict[str, int] = {}
    sources = np.array([numbers.setdefault(name, len(numbers)) for name in clusters], dtype=np.int64)
    known = {key: ~np.isnan(column) for key, column in series.items()}
    found = [_mean(column[known[key]], sources[known[key]]) for key, column in series.items()]
    return {
        "metric": np.array([metric for metric, _ in series], dtype=object),
        "part": np.array([part for _, part in series], dtype=object),
        "items": np.array([which.sum() for which in known.values()], dtype=np.int64),
        "sources": np.array([groups for groups, _, _ in found], dtype=np.int64),
        "mean": np.array([mean for _, mean, _ in found], dtype=np.float64),
        "error": np.array([error for _, _, error in found], dtype=np.float64),
    }


def run_usage(outcomes: Sequence[object]) -> Mapping[str, "NDArray[Any]"]:
    """Return counts, tokens and quantiles of waiting times as columns of one row, of none for no outcomes."""
    import numpy as np

    replies: list[Any] = [each for each in outcomes if hasattr(each, "completion_tokens")]
    timings = [each.timing for each in replies if each.timing is not None]
    row = {
        "items": len(outcomes),
        "failures": sum(hasattr(each, "message") for each in outcomes),
        "prompt_tokens": sum(each.prompt_tokens for each in replies),
        "completion_tokens": sum(each.completion_tokens for each in replies),
        "ttft_s_p50": _quantile([each.ttft_s for each in timings], _LOW),
        "ttft_s_p95": _quantile([each.ttft_s for each in timings], _HIGH),
        "e2e_s_p50": _quantile([each.e2e_s for each in timings], _LOW),
        "e2e_s_p95": _quantile([each.e2e_s for each in timings], _HIGH),
        "tpot_s_p50": _quantile([each.tpot_s for each in timings if each.tpot_s is not None], _LOW),
    }
    return {name: np.array([value] if outcomes else []) for name, value in row.items()}


def _columns(scores: Sequence[Any]) -> Mapping[str, Sequence[float]]:
    """Return the values of one metric line by line, and of each of its parts; NaN where there is none."""
    none = float("nan")
    parts = dict.fromkeys(name for score in scores if score is not None for name in score.parts)
    return {"": [none if score is None else score.value for score in scores]} | {
        part: [none if score is None else score.parts.get(part, none) for score in scores] for part in parts
    }


def _mean(values: "NDArray[np.float64]", sources: "NDArray[np.int64]") -> tuple[int, float, float]:
    """Return how many sources there are, the mean, and its error."""
    import numpy as np

    mean = float(values.mean())
    groups = int(np.count_nonzero(np.bincount(sources)))
    if groups == 1:
        return groups, mean, np.nan
    sums = np.bincount(sources, weights=values - mean)
    return groups, mean, float(np.sqrt(groups / (groups - 1) * (sums @ sums)) / values.size)


def _quantile(seconds: Sequence[float], share: float) -> float:
    import numpy as np

    return float(np.quantile(seconds, share)) if seconds else np.nan
