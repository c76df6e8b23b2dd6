"""A review under way: every mark is appended to a file before it counts, so a kill loses none."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from harness import InvalidDataset, append_line, cut_torn_line, speakable, whole_lines
from training.data.review import Mark, Review, Sampling

_LONGEST_NOTE = 2_000


class ReviewLedger:
    """The marks of one reviewer on one sample, kept in the file `path`.

    The last mark of an example counts.  A file that was begun on other data or by another
    reviewer is refused with `InvalidDataset`; a torn last line is cut off.
    """

    def __init__(self, path: Path, sampling: Sampling, reviewer: str, now: Callable[[], str]) -> None:
        """Read what is in the file already; `now` gives an ISO time in UTC."""
        self._path = path
        self._sampling = sampling
        self._reviewer = reviewer
        self._now = now
        self._marks: dict[str, Mark] = {}
        self._began_at = now()
        cut_torn_line(path)
        lines = whole_lines(path)
        self._is_begun = bool(lines)
        if lines:
            self._recall(lines)

    @property
    def marks(self) -> dict[str, Mark]:
        """The marks so far, by example id."""
        return dict(self._marks)

    def mark(self, example_id: str, *, accepted: bool, note: str) -> Mark:
        """Return the mark, written; of a note no more than the first 2,000 characters are kept."""
        kept = speakable(note.strip())[:_LONGEST_NOTE]
        mark = Mark(example_id=example_id, accepted=accepted, note=kept, at=self._now())
        if not self._is_begun:
            self._begin()
        append_line(self._path, asdict(mark))
        self._marks[example_id] = mark
        return mark

    def review(self, example_ids: tuple[str, ...]) -> Review:
        """Return the finished review of these examples; raise `InvalidDataset` while some are unmarked."""
        missing = [name for name in example_ids if name not in self._marks]
        if missing:
            raise InvalidDataset(
                f"{len(missing)} of {len(example_ids)} examples are not marked yet, first {missing[0]!r}: "
                "accept or reject each"
            )
        return Review(
            sampling=self._sampling,
            reviewer=self._reviewer,
            began_at=self._began_at,
            ended_at=self._now(),
            marks=tuple(self._marks[name] for name in example_ids),
        )

    def remove(self) -> None:
        """Delete the file: what it held stands in the finished review."""
        self._path.unlink(missing_ok=True)

    def _begin(self) -> None:
        """Write what the marks are of; not before the first one, since a look around begins nothing."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        head: dict[str, object] = {
            "sampling": asdict(self._sampling),
            "reviewer": self._reviewer,
            "began_at": self._began_at,
        }
        append_line(self._path, head)
        self._is_begun = True

    def _recall(self, lines: list[bytes]) -> None:
        try:
            head, *rows = [json.loads(line) for line in lines]
            begun, reviewer = Sampling(**head["sampling"]), str(head["reviewer"])
            self._marks = {row["example_id"]: Mark(**row) for row in rows}
            self._began_at = str(head["began_at"])
        except (ValueError, LookupError, TypeError) as error:
            raise InvalidDataset(f"{self._path} is damaged ({error}): remove it to begin anew") from error
        # The same data under another path is the same data.
        if (replace(begun, data=self._sampling.data), reviewer) != (self._sampling, self._reviewer):
            raise InvalidDataset(
                f"{self._path} holds a review by {reviewer} of {begun.count} of {begun.examples} examples of "
                f"{begun.data} with seed {begun.seed}, which is another one: give --out another name, or "
                "remove that file to begin anew"
            )
