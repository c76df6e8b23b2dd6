"""An audit of a data set, kept where a pre-flight finds it."""

from datetime import UTC, datetime
from pathlib import Path

from harness.errors import UnknownCheckpoint
from harness.experiments.data_files import Room
from serving.checkpoints import resolve_checkpoint
from serving.hardware import hardware
from training.data.audit.document import Audit, audit_path, write_audit
from training.data.audit.examine import AuditSettings, audit
from training.data.audit.template import Template, load_template
from training.data.step import require_apart

_ANY_LENGTH = 1 << 20


def audit_data(
    source: str, *, base: str | None, out: Path | None, read_by: str, room: Room
) -> tuple[Audit, Path | None]:
    """Return the audit of `source` and where it is kept: at `out`, or beside the file that was read."""
    data = room.read(source)
    template = None if base is None else _template(base, room)
    settings = AuditSettings(task=data.task, template=template, read_by=read_by)
    found = audit(data.examples, data.file, settings, now=datetime.now(UTC), say=room.tally.say)
    kept = out or (audit_path(Path(source)) if Path(source).is_file() else None)
    if kept is not None:
        require_apart(kept, (data.file,))
        write_audit(kept, found)
    return found, kept


def _template(base: str, room: Room) -> Template:
    room.tally.say(f"looking up {base}")
    found = resolve_checkpoint(
        base,
        cache=room.places.cache,
        precision=hardware().precision,
        max_model_len=_ANY_LENGTH,
        say=room.tally.say,
    )
    if found.weights is None:
        raise UnknownCheckpoint(f"{base} is an endpoint and shows no chat template: name the model's folder")
    return load_template(found.weights, name=base)
