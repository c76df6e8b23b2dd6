"""What is removed of old nights, and what stays whatever its age."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.domain.nightly import Night
from harness.errors import StoreError
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.keep import forget, require_room
from harness.experiments.nightly.record import write_night
from tests.fakes.nights import a_night, a_reading, a_row

NOW = datetime(2027, 1, 30, tzinfo=UTC)


@pytest.fixture
def leave(tmp_path: Path) -> Callable[..., Night]:
    """Leaves a night of so many days ago that speaks of gates, which lie where they would."""

    def build(
        days: int, gates: Iterable[str], *, of: str = "nightly", first: str = "", whole: bool = True
    ) -> Night:
        begun = NOW - timedelta(days=days)
        night = a_night(
            name=of,
            night_id=f"{begun.date()}-1",
            begun_at=begun.isoformat(),
            finished_at=begun.isoformat() if whole else "",
            rows=tuple(a_row("c", gate=f"results/gates/{name}") for name in gates),
            readings=(a_reading(gate=f"results/gates/{first}"),) if first else (),
        )
        write_night(night, tmp_path / "results" / "nightly" / of / night.night_id)
        for name in (*gates, *([first] if first else [])):
            (tmp_path / "results" / "gates" / name).mkdir(parents=True, exist_ok=True)
        return night

    return build


def gates_left(folder: Path) -> set[str]:
    return {path.name for path in (folder / "results" / "gates").iterdir()}


def nights_left(folder: Path, of: str = "nightly") -> list[str]:
    return sorted(path.name for path in (folder / "results" / "nightly" / of).iterdir())


def test_without_keep_days_nothing_is_removed(
    nightly: Callable[..., Nightly], leave: Callable[..., Night], tmp_path: Path
) -> None:
    leave(900, ["old"])
    assert forget(nightly(), now=NOW) == (0, 0)
    assert gates_left(tmp_path) == {"old"}


def test_old_nights_go_with_the_gates_that_only_they_speak_of(
    nightly: Callable[..., Nightly], leave: Callable[..., Night], tmp_path: Path
) -> None:
    leave(40, ["only-old", "reused"])
    leave(35, ["first", "only-old"], whole=False)
    leave(1, ["reused", "new"], first="first")
    (tmp_path / "results" / "gates" / "of-another-verb").mkdir()
    assert forget(nightly(keep_days=30), now=NOW) == (2, 1)
    assert gates_left(tmp_path) == {"first", "reused", "new", "of-another-verb"}
    assert nights_left(tmp_path) == ["2027-01-29-1"]


def test_what_another_nightly_speaks_of_stays(
    nightly: Callable[..., Nightly], leave: Callable[..., Night], tmp_path: Path
) -> None:
    leave(40, ["shared"])
    leave(1, ["new"])
    leave(50, ["shared"], of="weekly")
    assert forget(nightly(keep_days=30), now=NOW) == (1, 0)
    assert gates_left(tmp_path) == {"shared", "new"}
    assert nights_left(tmp_path, "weekly") == ["2026-12-11-1"]


def test_the_newest_finished_night_stays_however_old_it_is(
    nightly: Callable[..., Nightly], leave: Callable[..., Night], tmp_path: Path
) -> None:
    leave(60, ["older"])
    leave(50, ["newest"])
    leave(45, ["cut"], whole=False)
    assert forget(nightly(keep_days=30), now=NOW) == (2, 2)
    assert nights_left(tmp_path) == ["2026-12-11-1"]
    assert gates_left(tmp_path) == {"newest"}


@pytest.mark.parametrize(
    ("keys", "advice"), [({}, "set keep_days"), ({"keep_days": 30}, "lower keep_days from 30")]
)
def test_over_its_budget_a_folder_is_named_with_what_to_do(
    keys: dict[str, int], advice: str, nightly: Callable[..., Nightly], tmp_path: Path
) -> None:
    (tmp_path / "results" / "gates").mkdir(parents=True)
    (tmp_path / "results" / "gates" / "big").write_bytes(b"x" * 20_000)
    require_room(nightly(disk_budget_gb=2.1e-5, **keys))
    with pytest.raises(
        StoreError, match=f"takes 2e-05 GB, over disk_budget_gb = 1e-05 in nightly.toml: {advice}"
    ):
        require_room(nightly(disk_budget_gb=1e-5, **keys))
