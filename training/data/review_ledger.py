"""A review under way: every mark is appended to a file before it counts, so a kill loses none."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from harness import InvalidDataset
from training.data.review import Mark, Review, Sampling

_LONGEST_NOTE = 2_000


class ReviewLedger:
    """The marks of one reviewer on one sample, kept in the file `path`.

    The last mark of an example counts.  A file that was begun on other data or by another
    reviewer is refused with `InvalidDataset`; a torn last line is cut off.
    """

    def __init__(self, path: Path, sampling: Sampling, reviewer: str, now: Callable[[], str]) -> None:
        """Open the file, making it when absent; `now` gives an ISO time in UTC."""
        self._path = path
        self._sampling = sampling
        self._reviewer = reviewer
        self._now = now
        self._marks: dict[str, Mark] = {}
        self._began_at = now()
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = _whole_lines(path)
        if lines:
            self._recall(lines)
        else:
            self._append({"sampling": asdict(sampling), "reviewer": reviewer, "began_at": self._began_at})

    @property
    def marks(self) -> dict[str, Mark]:
        """The marks so far, by example id."""
        return dict(self._marks)

    def mark(self, example_id: str, *, accepted: bool, note: str) -> Mark:
        """Return the mark, written; of a note no more than the first 2,000 characters are kept."""
        kept = _speakable(note.strip())[:_LONGEST_NOTE]
        mark = Mark(example_id=example_id, accepted=accepted, note=kept, at=self._now())
        self._append(asdict(mark))
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

    def _append(self, row: dict[str, object]) -> None:
        line = json.dumps(row, ensure_ascii=True).encode() + b"\n"
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)

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


def _whole_lines(path: Path) -> list[bytes]:
    """The lines of the file at `path`, none where there is none; a torn last one is cut off the file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    return whole.splitlines()


def _speakable(text: str) -> str:
    """The text with half surrogate pairs replaced, which no UTF-8 file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
