"""What a run comes to: the mean of each metric with its error, and what its replies took.

Kept beside the items because a trend over a thousand gates must not read them all again.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LOW, _HIGH = 0.5, 0.95


class Line(Protocol):
    """One item's result, as far as it is summed up here."""

    @property
    def cluster(self) -> str:
        """The source that the item shares with others."""

    @property
    def outcome(self) -> Any:  # noqa: ANN401 - read by name, for what it has
        """A reply, a choice or a failure."""

    @property
    def scores(self) -> Mapping[str, Any]:
        """By metric."""


def run_metrics(lines: Sequence[Line]) -> Mapping[str, "NDArray[Any]"]:
    """Return items, sources, mean and cluster-robust error of every metric and part, as columns.

    The error is that of `cluster_mean`; NaN, which stands for NULL, where all items share a source.
    """
    import numpy as np

    numbers: dict[str, int] = {}
    values: dict[tuple[str, str], list[float]] = {}
    sources: dict[tuple[str, str], list[int]] = {}
    for line in lines:
        source = numbers.setdefault(line.cluster, len(numbers))
        for metric, score in line.scores.items():
            for part, value in (("", score.value), *score.parts.items()):
                key = (metric, part)
                values.setdefault(key, []).append(value)
                sources.setdefault(key, []).append(source)
    found = [_mean(np.array(each), np.array(sources[key])) for key, each in values.items()]
    return {
        "metric": np.array([metric for metric, _ in values], dtype=object),
        "part": np.array([part for _, part in values], dtype=object),
        "items": np.array([len(each) for each in values.values()], dtype=np.int64),
        "sources": np.array([groups for groups, _, _ in found], dtype=np.int64),
        "mean": np.array([mean for _, mean, _ in found], dtype=np.float64),
        "error": np.array([error for _, _, error in found], dtype=np.float64),
    }


def run_usage(lines: Sequence[Line]) -> Mapping[str, "NDArray[Any]"]:
    """Return counts, tokens and quantiles of waiting times as columns of one row, of none for no lines."""
    import numpy as np

    outcomes = [line.outcome for line in lines]
    timings = [timing for each in outcomes if (timing := getattr(each, "timing", None)) is not None]
    row = {
        "items": len(lines),
        "failures": sum(hasattr(each, "message") for each in outcomes),
        "prompt_tokens": sum(getattr(each, "prompt_tokens", 0) for each in outcomes),
        "completion_tokens": sum(getattr(each, "completion_tokens", 0) for each in outcomes),
        "ttft_s_p50": _quantile([each.ttft_s for each in timings], _LOW),
        "ttft_s_p95": _quantile([each.ttft_s for each in timings], _HIGH),
        "e2e_s_p50": _quantile([each.e2e_s for each in timings], _LOW),
        "e2e_s_p95": _quantile([each.e2e_s for each in timings], _HIGH),
        "tpot_s_p50": _quantile([each.tpot_s for each in timings if each.tpot_s is not None], _LOW),
    }
    return {name: np.array([value] if lines else []) for name, value in row.items()}


def _mean(values: "NDArray[np.float64]", sources: "NDArray[np.int64]") -> tuple[int, float, float]:
    """Return how many sources there are, the mean, and its error."""
    import numpy as np

    mean = float(values.mean())
    groups = int(np.unique(sources).size)
    if groups == 1:
        return groups, mean, np.nan
    sums = np.bincount(sources, weights=values - mean)
    return groups, mean, float(np.sqrt(groups / (groups - 1) * (sums @ sums)) / values.size)


def _quantile(seconds: Sequence[float], share: float) -> float:
    import numpy as np

    return float(np.quantile(seconds, share)) if seconds else np.nan
