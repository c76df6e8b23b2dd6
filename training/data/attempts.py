"""Attempts at synthetic examples, each appended to a file before it counts, so that a kill loses none."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from harness import InvalidDataset, Json

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Tokens of the requests of one attempt, the critic's apart."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    critic_prompt_tokens: int = 0
    critic_completion_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one attempt came to: a question with its reply, or the check it failed and why.

    `check` is empty for one that passed all.  `score` is that of the task's own scorer where
    it needs no reference, `critic` one from 1 to 10, None where nobody was asked.  `said` is
    the last thing the teacher or critic said, kept for those that failed.
    """

    number: int
    made_on: str
    inputs: Mapping[str, Any] | None = None
    output: str | None = None
    check: str = ""
    reason: str = ""
    score: float | None = None
    critic: int | None = None
    critic_reason: str = ""
    said: str = ""
    persona: int = 0
    document: str = ""
    spent: Spent = Spent()


class AttemptJournal:
    """The attempts of one synthesis, in the file `path`; use it as a context manager.

    `identity` holds every setting that an attempt depends on: a file begun with others is
    refused with `InvalidDataset`.  A torn last line is cut off.
    """

    def __init__(self, path: Path, identity: Mapping[str, Json]) -> None:
        """Open the file, making it when absent; no other process may have it open meanwhile."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._take()
            lines = self._whole_lines()
            if lines:
                _require_same(path, _read(path, lines[0], dict[str, Any]), identity)
            found = [_read(path, line, Attempt) for line in lines[1:]]
            self.attempts: dict[int, Attempt] = {each.number: each for each in found}
            if not lines:
                self._write(dict(identity))
        except BaseException:
            os.close(self._handle)
            raise

    def append(self, attempt: Attempt) -> None:
        """Keep an attempt; raises `OSError` when the disk refuses it."""
        self._write(asdict(attempt))
        self.attempts[attempt.number] = attempt

    def sync(self) -> None:
        """Wait until all that was appended has reached the disk itself."""
        os.fsync(self._handle)

    def __enter__(self) -> Self:
        """Return the journal itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the file back."""
        os.close(self._handle)

    def _take(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InvalidDataset(
                f"another process is writing {self._path}: wait for it, or give --out another name"
            ) from error

    def _whole_lines(self) -> list[bytes]:
        """The lines so far; a torn last one is cut off the file."""
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(self._handle, len(whole))
        return whole.splitlines()

    def _write(self, row: Mapping[str, Json]) -> None:
        line = json.dumps(row, ensure_ascii=True).encode() + b"\n"
        written = 0
        while written < len(line):
            written += os.write(self._handle, line[written:])


def attempts_path(output: Path) -> Path:
    """Return where the attempts lie: train.jsonl has train.attempts.jsonl beside it."""
    return output.with_name(f"{output.stem}.attempts{output.suffix or '.jsonl'}")


def _read(path: Path, line: bytes, kind: type[_T]) -> _T:
    import msgspec

    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidDataset(f"{path} is damaged ({error}): remove it to begin anew") from error


def _require_same(path: Path, begun: Mapping[str, Json], identity: Mapping[str, Json]) -> None:
    now = json.loads(json.dumps(dict(identity)))
    changed = [name for name in (*now, *begun) if now.get(name) != begun.get(name)]
    if changed:
        name = changed[0]
        raise InvalidDataset(
            f"{path} was begun with {name} {begun.get(name)!r}, and this is {now.get(name)!r}: give --out "
            "another name, or remove that file to begin anew"
        )
