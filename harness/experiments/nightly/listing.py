"""What a night would ask, looked up and not begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from harness.domain.nightly import NightPart
from harness.experiments.nightly.ask import Asker, score_anew
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.run import fresh_since, part_of, require_fixed
from harness.experiments.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A cell of the matrix, the digest of who would be asked, and whether it would be."""

    checkpoint: str
    part: NightPart
    subject: str
    arm: str
    state: str
    digest: str


def listed(nightly: Nightly, progress: Progress, *, now: datetime) -> Sequence[Listed]:
    """Return every cell of a nightly as a night begun `now` would find it.

    Raises what looking a checkpoint up raises, and `InvalidNightly` for an anchor that is not what
    was frozen.
    """
    require_fixed(nightly, progress)
    asker = Asker(nightly=nightly, progress=progress, asked=lambda _folder: None, score=score_anew)
    fresh = fresh_since(nightly, now)
    return [
        Listed(
            checkpoint=name,
            part=part_of(name, nightly),
            subject=asked.subject,
            arm=asked.shown_arm,
            state="to be measured" if kept is None else f"kept from {kept.begun_at.date()}",
            digest=run.candidate.checkpoint.digest,
        )
        for name in nightly.table.members
        for asked, (run, kept) in asker.known(name, fresh).items()
    ]
