"""What is kept of old nights, and how much room all of it may take."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from harness.domain.nightly import Night
from harness.errors import StoreError
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.record import nights_in
from harness.gating.wording import plural
from harness.store.warehouse import rebuild

_GB = 10**9


def forget(nightly: Nightly, *, now: datetime) -> tuple[int, int]:
    """Remove nights older than `keep_days`, and gates that only they speak of; return how many of both.

    The newest finished night stays however old it is, and so does every gate that any night
    which is kept speaks of, the first of the anchor among them.  Gates of other verbs stay.
    """
    days = nightly.table.keep_days
    if days is None:
        return 0, 0
    results = nightly.places.results
    old = _outlived(nights_in(nightly.shelf), before=now - timedelta(days=days))
    if not old:
        return 0, 0
    gone = {night.night_id for night in old}
    kept = [
        night
        for shelf in (results / "nightly").iterdir()
        if shelf.is_dir()
        for night in nights_in(shelf)
        if not (shelf == nightly.shelf and night.night_id in gone)
    ]
    spoken_of = frozenset[str]().union(*(night.gate_ids for night in kept))
    lost = frozenset[str]().union(*(night.gate_ids for night in old)) - spoken_of
    gates = [path for name in sorted(lost) if (path := results / "gates" / name).is_dir()]
    for folder in (*gates, *(nightly.shelf / night.night_id for night in old)):
        shutil.rmtree(folder)
    if gates:
        rebuild(results)
    return len(old), len(gates)


def require_room(nightly: Nightly) -> None:
    """Raise `StoreError` where the results folder takes more than the file's disk budget."""
    budget = nightly.table.disk_budget_gb
    if budget is None:
        return
    used = sum(_sizes(nightly.places.results)) / _GB
    if used > budget:
        keep = nightly.table.keep_days
        shorter = "set keep_days" if keep is None else f"lower keep_days from {keep}"
        raise StoreError(
            f"{nightly.places.results} takes {used:.3g} GB, over disk_budget_gb = {budget:g} in "
            f"{nightly.path}: {shorter}, remove gates you no longer need, or raise the budget"
        )


def told(nights: int, gates: int) -> str:
    """Return in words what was removed."""
    return f"removed {plural(nights, 'old night')} and {plural(gates, 'gate')} that only they spoke of"


def _outlived(nights: Sequence[Night], *, before: datetime) -> list[Night]:
    finished = [night for night in nights if night.is_finished]
    return [
        night
        for night in nights
        if datetime.fromisoformat(night.begun_at) < before and night not in finished[-1:]
    ]


def _sizes(folder: Path) -> Iterator[int]:
    """The bytes of every file; one that goes meanwhile takes none."""
    for path in folder.rglob("*"):
        try:
            if path.is_file() and not path.is_symlink():
                yield path.stat().st_size
        except OSError:
            continue
