"""A night from its file to its record: look up, forget what is old, measure what is stale, judge."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from harness.domain.nightly import Night, NightPart
from harness.errors import InvalidNightly, StoreError
from harness.experiments.nightly.ask import Asker, Score, score_anew
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.judge import Bar
from harness.experiments.nightly.keep import forget, require_room, told
from harness.experiments.nightly.notices import notices
from harness.experiments.nightly.record import nights_in, write_night
from harness.experiments.nightly.recorded import Fresh, shelf_of
from harness.experiments.nightly.rows import Member
from harness.experiments.nightly.summary import summed_up
from harness.experiments.prepare import machine_for, servable
from harness.experiments.progress import Progress, ended
from harness.experiments.request import as_typed
from harness.store.atomic import make_folder
from harness.store.gate_folder import GateFolder
from harness.store.lock import held
from harness.store.warehouse import query

GOES_ON_WITHIN = timedelta(hours=24)
"""How old an unfinished night may be for the same command to go on with it; then another is begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Who scores, who tells the time, and who shows a night as it grows."""

    score: Score = score_anew
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    shown: Callable[[Night], None] = lambda _night: None


def run_night(nightly: Nightly, progress: Progress, hands: Hands) -> Night:
    """Return the night of a file, measured now or gone on with; a cell that fails is a hole.

    Raises `StoreError` while another night runs, over the disk budget, or for a store that cannot
    be read, `InvalidNightly` for an anchor that is not what was frozen, and what looking up the
    release raises; nothing is asked then.
    """
    with _alone(nightly), ended(progress):
        _require_readable(nightly)
        removed = forget(nightly, now=hands.now())
        if any(removed):
            progress.say(told(*removed))
        require_room(nightly)
        require_fixed(nightly, progress)
        return _Evening(nightly, progress, hands).through()


def require_fixed(nightly: Nightly, progress: Progress) -> Mapping[str, str]:
    """Return the digests of release and anchor by name; raise where either is not there or has changed."""
    table = nightly.table
    names = tuple(dict.fromkeys((table.release, *((table.anchor.checkpoint,) if table.anchor else ()))))
    machine = machine_for(names)
    found = {
        name: servable(
            name,
            cache=nightly.places.cache,
            machine=machine,
            max_model_len=table.max_model_len,
            progress=progress,
        ).digest
        for name in names
    }
    anchor = table.anchor
    if anchor is not None and not anchor.digest:
        raise InvalidNightly(
            f"{nightly.path}: the anchor {anchor.checkpoint} is not frozen: write digest = "
            f'"{found[anchor.checkpoint]}" under [anchor], which it has now'
        )
    if anchor is not None and not found[anchor.checkpoint].startswith(anchor.digest):
        raise InvalidNightly(
            f"{nightly.path}: the anchor {anchor.checkpoint} has the digest {found[anchor.checkpoint]}, and "
            f"{anchor.digest} is frozen: put the old content back, or freeze this one by its digest"
        )
    return found


class _Evening:
    """One night while it is measured: its record is written whenever a checkpoint has ended."""

    def __init__(self, nightly: Nightly, progress: Progress, hands: Hands) -> None:
        self._nightly, self._hands = nightly, hands
        self._earlier, self._night = _begun(nightly, hands.now())
        self._asker = Asker(nightly=nightly, progress=progress, asked=self._note, score=hands.score)
        # Nobody reads in the night.
        measured = replace(nightly.policy, reads=None, judge=None)
        self._bar = Bar(policy=measured, suites=nightly.suites, begun_at=self._night.begun_at)

    def through(self) -> Night:
        """Ask every checkpoint in turn, and give the verdict."""
        table = self._nightly.table
        self._leave(self._night)
        members: list[Member] = []
        for name in table.members:
            members.append(self._member(name))
            so_far = self._summed(members)
            self._leave(replace(so_far, status=self._night.status, reason=self._night.reason))
        whole = self._summed(members)
        finished = replace(whole, finished_at=self._hands.now().isoformat(timespec="seconds"))
        finished = replace(finished, notices=notices(self._nightly, finished))
        self._leave(finished)
        return finished

    def _member(self, name: str) -> Member:
        part = part_of(name, self._nightly)
        fresh = fresh_since(self._nightly, datetime.fromisoformat(self._night.begun_at))
        if part is NightPart.ANCHOR and self._night.asked:
            # What was asked tonight can only be believed beside an anchor that was asked tonight.
            fresh = replace(fresh, only=frozenset(self._night.asked))
        try:
            require_room(self._nightly)
        except StoreError as full:
            return Member(part=part, checkpoint=name, found=dict.fromkeys(self._nightly.asked, str(full)))
        return Member(part=part, checkpoint=name, found=self._asker.cells(name, fresh))

    def _summed(self, members: Sequence[Member]) -> Night:
        return summed_up(self._night, members, self._bar, nightly=self._nightly, earlier=self._earlier)

    def _note(self, folder: GateFolder) -> None:
        """Keep which gates were asked tonight, at once: a night that goes on must know them."""
        self._night = replace(self._night, asked=(*self._night.asked, folder.manifest.gate_id))
        write_night(self._night, self._nightly.shelf / self._night.night_id)

    def _leave(self, night: Night) -> None:
        write_night(night, self._nightly.shelf / night.night_id)
        self._hands.shown(night)


def part_of(name: str, nightly: Nightly) -> NightPart:
    """Return what a checkpoint is in a night; a release that is the anchor too is the anchor."""
    table = nightly.table
    if table.anchor is not None and name == table.anchor.checkpoint:
        return NightPart.ANCHOR
    return NightPart.RELEASE if name == table.release else NightPart.CHECKPOINT


def fresh_since(nightly: Nightly, begun: datetime) -> Fresh:
    """Return which runs count in a night by their age, and by the day from which on the anchor does."""
    oldest = begun - timedelta(days=nightly.table.max_age_days)
    anchor = nightly.table.anchor
    if anchor is not None and anchor.since is not None:
        oldest = max(oldest, datetime.combine(anchor.since, time(), tzinfo=UTC))
    return Fresh(oldest=oldest)


def _begun(nightly: Nightly, now: datetime) -> tuple[Night | None, Night]:
    """The newest finished night, and the one that is run now: the last unfinished one, or a new one."""
    nights = nights_in(nightly.shelf)
    earlier = next((night for night in reversed(nights) if night.is_finished), None)
    last = nights[-1] if nights else None
    if (
        last is not None
        and not last.is_finished
        and last.file_digest == nightly.digest
        and now - datetime.fromisoformat(last.begun_at) < GOES_ON_WITHIN
    ):
        return earlier, last
    day = now.date().isoformat()
    number = 1 + sum(night.night_id.startswith(f"{day}-") for night in nights)
    table = nightly.table
    return earlier, Night(
        name=nightly.name,
        night_id=f"{day}-{number}",
        file=as_typed(nightly.path),
        file_digest=nightly.digest,
        begun_at=now.isoformat(timespec="seconds"),
        owner=table.owner,
        due=table.due.isoformat(),
        release=table.release,
        anchor="" if table.anchor is None else table.anchor.checkpoint,
    )


def _require_readable(nightly: Nightly) -> None:
    """Refuse a store of a newer schema before anything is asked, and not when it is to be recorded."""
    if nightly.places.database.is_file():
        query(nightly.places.database, "SELECT count(*) FROM gates")
    shelf_of(nightly)


def _alone(nightly: Nightly) -> AbstractContextManager[None]:
    folder = nightly.places.results / "nightly"
    make_folder(folder)
    return held(
        folder / ".lock",
        wait_s=0,
        busy=StoreError(
            f"another nightly is running in {nightly.places.results}: wait for it to end, or stop it and run "
            "the same command again"
        ),
    )
