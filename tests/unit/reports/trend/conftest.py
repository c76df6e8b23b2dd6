"""Points over time as the trend takes them."""

from collections.abc import Callable, Sequence

import pytest

from reports.trend.record import Point

DAY_S = 86_400
MakePoints = Callable[..., tuple[Point, ...]]


@pytest.fixture(scope="session")
def points() -> MakePoints:
    """Makes a point a day from means, of the candidate on `sums` under zero-shot unless told otherwise."""

    def build(
        means: Sequence[float],
        *,
        subject: str = "sums",
        subject_digest: str = "a" * 64,
        side: str = "candidate",
        metric: str = "target",
    ) -> tuple[Point, ...]:
        return tuple(
            Point(
                at_s=1_735_689_600 + number * DAY_S,
                gate_id=f"g-{number}",
                subject=subject,
                subject_digest=subject_digest,
                arm="zero-shot",
                side=side,
                checkpoint=f"night-{number}",
                metric=metric,
                items=100,
                mean=mean,
                lower=max(0.0, mean - 0.05),
                upper=min(1.0, mean + 0.05),
            )
            for number, mean in enumerate(means)
        )

    return build
