"""Attempts at synthetic examples, each appended to a file before it counts, so that a kill loses none."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness import InvalidDataset, Json


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
        """Open the file, making it when absent."""
        import msgspec

        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        lines = _whole_lines(path)
        self.attempts: dict[int, Attempt] = {}
        try:
            begun = json.loads(lines[0]) if lines else None
            for line in lines[1:]:
                attempt = msgspec.json.decode(line, type=Attempt)
                self.attempts[attempt.number] = attempt
        except (ValueError, RecursionError, msgspec.MsgspecError) as error:
            raise InvalidDataset(f"{path} is damaged ({error}): remove it to begin anew") from error
        if begun is not None:
            _require_same(path, begun, identity)
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if begun is None:
            self._write(dict(identity))

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

    def _write(self, row: Mapping[str, Json]) -> None:
        line = json.dumps(row, ensure_ascii=True).encode() + b"\n"
        written = 0
        while written < len(line):
            written += os.write(self._handle, line[written:])


def attempts_path(output: Path) -> Path:
    """Return where the attempts lie: train.jsonl has train.attempts.jsonl beside it."""
    return output.with_name(f"{output.stem}.attempts{output.suffix or '.jsonl'}")


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


def _require_same(path: Path, begun: object, identity: Mapping[str, Json]) -> None:
    if not isinstance(begun, dict):
        raise InvalidDataset(f"{path} is damaged (no settings on its first line): remove it to begin anew")
    now = json.loads(json.dumps(dict(identity)))
    changed = [name for name in (*now, *begun) if now.get(name) != begun.get(name)]
    if changed:
        name = changed[0]
        raise InvalidDataset(
            f"{path} was begun with {name} {begun.get(name)!r}, and this is {now.get(name)!r}: give --out "
            "another name, or remove that file to begin anew"
        )
