"""Puts together what of a finished gate is sent to where a team keeps its experiments."""

from pathlib import Path

from harness.errors import UsageError
from reports.gate.document import document
from reports.gate.figures import figures
from reports.gate.markdown import comment, summary
from reports.gate.model_card import model_card
from reports.gate.record import GateRecord
from reports.tracking.parcel import Parcel

_RECORDED = ("manifest.json", "verdict.json")


def require_publishable(record: GateRecord) -> None:
    """Raise `UsageError` for a gate that others must not take for an answer.

    One without a verdict has none to publish, and one whose journals give another verdict is not
    to be believed.
    """
    gate = record.manifest.gate_id
    if record.verdict is None:
        raise UsageError(f"gate {gate} has no verdict yet: run the same gate again, then publish it")
    if record.replayed is False:
        raise UsageError(
            f"the journals of gate {gate} give another verdict than the one on record: run the gate again, "
            "and publish that"
        )


def parcel(record: GateRecord, *, page: str, step: int) -> Parcel:
    """Return what a tracker is sent: figures, summary, the `page`, and the record's own documents.

    Raises `UsageError` as `require_publishable` does, and `OSError` where a document is gone.
    """
    require_publishable(record)
    folder = Path(record.folder)
    return Parcel(
        figures=figures(record),
        summary=summary(record),
        files={
            "report.html": page,
            "report.json": document(record),
            "comment.md": comment(record),
            **{name: (folder / name).read_text(encoding="utf-8") for name in _RECORDED},
        },
        step=step,
    )


def card_text(record: GateRecord, path: Path) -> str:
    """Return the model card at `path`, or a new one, with the section of the gate.

    Raises `UsageError` as `require_publishable` does, and for a card that cannot be read.
    """
    require_publishable(record)
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text in UTF-8: name the README.md of a model") from error
    return model_card(record, text, name=path.absolute().parent.name)
