"""What `weighbridge nightly` prints and leaves: cells before, a page while it goes on, lines after."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from harness.cli import options
from harness.cli.show import show_rows
from harness.cli.spelling import spelt
from harness.cli.written import STDOUT, write_out
from harness.domain.nightly import Night
from harness.domain.verdict import Status
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.history import night_record
from harness.experiments.nightly.listing import listed
from harness.experiments.nightly.record import encode_night
from harness.experiments.progress import Progress, ended
from harness.experiments.request import as_typed
from harness.store.atomic import write_atomically
from reports.drawing import has_drawing, require_drawing
from reports.gate.github import command as annotation
from reports.nightly.lines import Line, against_of, lines_of, reading_words
from reports.nightly.markdown import summary
from reports.nightly.page import night_page
from reports.plain_text import harmless

_SUMMARY = "GITHUB_STEP_SUMMARY"
_LEVELS = {
    Status.PASSED: "notice",
    Status.INCONCLUSIVE: "warning",
    Status.REGRESSED: "error",
    Status.INVALID: "error",
}


def show_cells(nightly: Nightly, progress: Progress, *, json: bool) -> None:
    """Print every cell and whether it would be measured; raises for a checkpoint that is not there."""
    with ended(progress):
        cells = listed(nightly, progress, now=datetime.now(UTC))
    rows = [
        (each.checkpoint, str(each.part), each.subject, each.arm or "-", each.state, each.digest)
        for each in cells
    ]
    show_rows(("checkpoint", "part", "task", "arm", "state", "digest"), rows, json=json)
    if not json:
        sys.stdout.write(f"\n{len(cells)} cells; nothing was begun\n")


def publisher(
    nightly: Nightly, *, results: Path, html: Path | None, md: Path | None
) -> Callable[[Night], None]:
    """Return who leaves a night's page and summary in its folder, and where else they were asked for.

    In a step of GitHub's a finished night is added to the summary too.  Without what pages are
    drawn with there is none, unless `html` asks for it: then `UsageError` is raised, here.
    """
    if html is not None:
        require_drawing()
    command = again(nightly, results)

    def publish(night: Night) -> None:
        record = night_record(nightly, night, command=command)
        folder = nightly.shelf / night.night_id
        text = summary(record)
        write_atomically(folder / "summary.md", text.encode("utf-8", "backslashreplace"))
        page = night_page(record) if has_drawing() else ""
        if page:
            write_atomically(folder / "index.html", page.encode("utf-8", "backslashreplace"))
        for path, said in ((html, page), (md, text)):
            if path is not None:
                _leave(path, said, is_whole=night.is_finished)
        if night.is_finished and (step := os.environ.get(_SUMMARY)):
            with Path(step).open("a", encoding="utf-8") as file:
                file.write(text)

    return publish


def _leave(path: Path, text: str, *, is_whole: bool) -> None:
    """Leave a text where it was asked for; standard output, devices and pipes get it once, at the end."""
    if path != STDOUT and (path.is_file() or not path.exists()):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not is_whole:
            write_atomically(path, text.encode("utf-8", "backslashreplace"))
    if is_whole:
        write_out(path, text)


def show_night(night: Night, nightly: Nightly, *, json: bool) -> None:
    """Print a night's table and verdict, and in a step of GitHub's its annotations."""
    if json:
        sys.stdout.write(encode_night(night).decode())
        return
    lines = lines_of(night)
    compared = against_of(lines)
    columns = ("checkpoint", "question", "mean", "n", "measured", *compared)
    show_rows(columns, [_row(line, compared) for line in lines], json=False)
    said = [f"\n{night.status}  {night.reason}", f"Owner: {night.owner}, due {night.due}"]
    said += [f"{each.checkpoint}: {each.status}. {each.reason}" for each in night.answers]
    said += [reading_words(each) for each in night.readings]
    said += [f"Hole: {hole.checkpoint}: {hole.subject} {hole.arm}: {hole.reason}" for hole in night.holes]
    said += [f"Note: {each.about}: {each.text}" for each in night.notices]
    said.append(f"Night: {as_typed(nightly.shelf / night.night_id)}")
    sys.stdout.write("".join(f"{harmless(line)}\n" for line in said))
    if os.environ.get(_SUMMARY):
        sys.stdout.write("".join(f"{line}\n" for line in _annotations(night)))


def again(nightly: Nightly, results: Path) -> str:
    """Return the command that runs the nightly once more."""
    told = spelt({"--results": None if results == options.RESULTS else results})
    return f"weighbridge nightly {quote(as_typed(nightly.path))}{told and f' {told}'}"


def _row(line: Line, compared: Sequence[str]) -> tuple[str, ...]:
    known = [line.told.get(each) for each in compared]
    told = ("-" if each is None else f"{each.change} {each.status}" for each in known)
    return (line.checkpoint, line.name, line.mean, line.items, line.measured, *told)


def _annotations(night: Night) -> Iterator[str]:
    """One annotation a checkpoint, and the night's own at last."""
    for answer in night.answers:
        if answer.status is not Status.PASSED:
            title = f"{answer.checkpoint}: {answer.status}"
            yield annotation(_LEVELS[answer.status], title=title, message=answer.reason)
    yield annotation(_LEVELS[night.status], title=f"nightly: {night.status}", message=night.reason)
