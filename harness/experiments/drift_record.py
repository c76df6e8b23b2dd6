"""Looks at live inputs, kept one file each, and what they ask of people, as a nightly page shows it."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from harness.domain.drift import DriftReport, Remedy
from harness.errors import StoreError
from harness.store.atomic import make_folder, write_atomically

_FORMAT_VERSION = 1


class _Document(msgspec.Struct, kw_only=True):
    format_version: int
    report: DriftReport


def keep_look(results: Path, report: DriftReport) -> Path:
    """Leave the report in the results folder and return where; a second look of a day replaces the first.

    Raises `StoreError` where it cannot be written.
    """
    folder = _folder(results)
    make_folder(folder)
    path = folder / f"{report.looked_on}-{_key(report)}.json"
    document = msgspec.json.encode(_Document(format_version=_FORMAT_VERSION, report=report))
    write_atomically(path, msgspec.json.format(document, indent=2))
    return path


def look_before(results: Path, looked_at: str, today: date) -> DriftReport | None:
    """Return the latest look of an earlier day at a checkpoint, or at data of a digest; None without one."""
    earlier = [each for each in looks(results) if _of(each) == looked_at and each.looked_on < today]
    return max(earlier, key=lambda each: each.looked_on, default=None)


def looks(results: Path) -> Iterator[DriftReport]:
    """Yield every look in the results folder, the oldest first; raises `StoreError` for a damaged one."""
    for path in sorted(_folder(results).glob("*.json")):
        try:
            document = msgspec.json.decode(path.read_bytes(), type=_Document)
        except (OSError, msgspec.MsgspecError) as error:
            raise StoreError(
                f"{path} cannot be read ({error}): remove it, and look at the inputs again"
            ) from error
        if document.format_version != _FORMAT_VERSION:
            raise StoreError(
                f"{path} has format {document.format_version}, this program reads {_FORMAT_VERSION}: upgrade "
                "weighbridge"
            )
        yield document.report


def drift_notices(results: Path, today: date) -> tuple[str, ...]:
    """Return a sentence for the latest look at each checkpoint: what to do, who does it, and by when.

    The most urgent comes first, and what is overdue says so; none where nobody ever looked.
    Raises `StoreError` for a damaged look.
    """
    latest = {_key(report): report for report in looks(results)}
    urgent = sorted(latest.values(), key=lambda each: (each.recommendation.due, each.checkpoint))
    return tuple(_notice(report, today) for report in urgent)


def _notice(report: DriftReport, today: date) -> str:
    found = report.recommendation
    what = report.checkpoint or f"what was trained on {report.data_digest[:12]}"
    due = f"overdue since {found.due}" if found.due < today else f"due {found.due}"
    task = {Remedy.KEEP: "next training", Remedy.RETRAIN: "training", Remedy.LOOK_AGAIN: "next look"}
    return (
        f"{what}: {found.remedy}, {task[found.remedy]} {due}, {found.owner} answers for it "
        f"(looked at on {report.looked_on}: {found.reasons[0]})"
    )


def _folder(results: Path) -> Path:
    return results / "drift"


def _of(report: DriftReport) -> str:
    """What was looked at: the checkpoint by its label, or what was trained on by its digest."""
    return report.checkpoint or report.data_digest


def _key(report: DriftReport) -> str:
    return hashlib.sha256(_of(report).encode("utf-8", "surrogateescape")).hexdigest()[:12]
