import dataclasses
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.domain.decision import Contrast, Decision, Holder, LadderTerms, Ruling, Rung
from harness.domain.manifest import GateManifest
from harness.domain.run import ItemResult
from harness.domain.verdict import GateVerdict
from harness.errors import JournalError, StoreError
from harness.store.gate_folder import GateFolder, find_gates, latest_attempt
from harness.store.journal import Journal

Fill = Callable[..., GateFolder]


def test_a_finished_gate_comes_back_whole(
    tmp_path: Path,
    fill: Fill,
    manifest: GateManifest,
    results: tuple[ItemResult, ...],
    verdict: GateVerdict,
) -> None:
    folder = fill(tmp_path)
    assert folder.manifest == manifest
    assert folder.results("cand") == results
    assert folder.results("base") == ()
    assert folder.is_complete
    assert folder.verdict() == verdict


def test_the_layout_is_what_the_documentation_draws(tmp_path: Path, fill: Fill) -> None:
    folder = fill(tmp_path)
    assert folder.path == tmp_path / "gates" / "20261122-abc"
    visible = {path.name for path in folder.path.iterdir() if not path.name.startswith(".")}
    assert visible == {"manifest.json", "journal-cand.jsonl", "verdict.json", "COMPLETE"}
    assert (folder.path / "COMPLETE").read_bytes() == b""


def test_a_killed_gate_resumes_where_it_stopped(
    tmp_path: Path, fill: Fill, results: tuple[ItemResult, ...], verdict: GateVerdict
) -> None:
    folder = fill(tmp_path, finished=False)
    path = folder.path / "journal-cand.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    assert folder.results("cand") == results[:-1]
    with folder, folder.journal("cand") as journal:
        journal.append(results[-1])
        folder.finish(verdict)
    assert folder.results("cand") == results


def test_an_unfinished_gate_has_no_verdict(tmp_path: Path, fill: Fill) -> None:
    folder = fill(tmp_path, finished=False)
    assert not folder.is_complete
    with pytest.raises(StoreError, match=r"has no verdict yet: run the same gate again"):
        folder.verdict()


def test_a_gate_killed_before_its_marker_is_not_complete(
    tmp_path: Path, fill: Fill, verdict: GateVerdict
) -> None:
    folder = fill(tmp_path)
    (folder.path / "COMPLETE").unlink()
    with pytest.raises(StoreError, match=r"no verdict yet"):
        folder.verdict()
    with folder:
        folder.finish(verdict)
    assert folder.verdict() == verdict


@pytest.mark.parametrize(
    "write",
    [
        lambda folder, _: folder.journal("cand"),
        lambda folder, _: folder.write_servers({}),
        lambda folder, verdict: folder.finish(verdict),
    ],
)
def test_a_complete_gate_stays_as_it_is(
    tmp_path: Path, fill: Fill, verdict: GateVerdict, write: Callable[[GateFolder, GateVerdict], object]
) -> None:
    folder = fill(tmp_path)
    with folder, pytest.raises(StoreError, match=r"is complete and stays as it is: begin a new attempt"):
        write(folder, verdict)


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../../etc", "a\x00b", "/etc", "ü", "a b", "x" * 201])
def test_an_id_that_cannot_name_a_file_is_refused_and_nothing_is_made(
    tmp_path: Path, manifest: GateManifest, name: str
) -> None:
    run = dataclasses.replace(manifest.runs[0], id=name)
    for hostile in (
        dataclasses.replace(manifest, gate_id=name),
        dataclasses.replace(manifest, runs=(run,)),
    ):
        with pytest.raises(StoreError, match=r"cannot name a file: use 1 to 200 letters, digits"):
            GateFolder.create(tmp_path / "results", hostile)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["nobody", "../../../etc/passwd", ""])
def test_a_run_that_the_manifest_lacks_has_no_journal(tmp_path: Path, fill: Fill, name: str) -> None:
    folder = fill(tmp_path, finished=False)
    for use in (folder.results, folder.journal):
        with pytest.raises(StoreError, match=r"has no run .*: use a run of its manifest"):
            use(name)


def test_an_existing_gate_is_not_overwritten(tmp_path: Path, fill: Fill, manifest: GateManifest) -> None:
    fill(tmp_path)
    with pytest.raises(StoreError, match=r"already holds a gate"):
        GateFolder.create(tmp_path, manifest)


def test_a_manifest_that_could_not_be_written_can_be_written_again(
    tmp_path: Path, manifest: GateManifest
) -> None:
    path = tmp_path / "gates" / manifest.gate_id
    path.mkdir(parents=True)
    (path / ".manifest.json.draft").symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"manifest.json could not be written \(No space left on device\)"):
        GateFolder.create(tmp_path, manifest)
    with GateFolder.create(tmp_path, manifest) as folder:
        assert GateFolder.open(folder.path).manifest == manifest


def test_a_results_folder_that_cannot_be_made_says_so(tmp_path: Path, manifest: GateManifest) -> None:
    (tmp_path / "results").write_text("a file")
    with pytest.raises(StoreError, match=r"could not be made .*choose a results folder"):
        GateFolder.create(tmp_path / "results", manifest)


def test_results_of_another_run_are_refused(
    tmp_path: Path, fill: Fill, results: tuple[ItemResult, ...]
) -> None:
    folder = fill(tmp_path, finished=False)
    with Journal(folder.path / "journal-base.jsonl") as journal:
        journal.append(results[0])
    with pytest.raises(JournalError, match=r"holds item 'i1' of run 'cand'"):
        folder.results("base")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.unlink(), "could not be read .*: give the folder of a gate"),
        (lambda path: path.write_text("{"), "not a GateManifest.*: restore the file or move the gate folder"),
        (lambda path: path.parent.rename(path.parent.with_name("copy")), "give the folder of a gate"),
    ],
)
def test_a_folder_without_a_readable_manifest_is_no_gate(
    tmp_path: Path, fill: Fill, damage: Callable[[Path], object], message: str
) -> None:
    path = fill(tmp_path).path
    damage(path / "manifest.json")
    with pytest.raises(StoreError, match=message):
        GateFolder.open(path)


def test_a_renamed_gate_is_refused(tmp_path: Path, fill: Fill) -> None:
    copy = fill(tmp_path).path.rename(tmp_path / "gates" / "copy")
    with pytest.raises(StoreError, match=r"holds the manifest of gate '20261122-abc'"):
        GateFolder.open(copy)


def test_server_evidence_is_kept_as_it_was_said(tmp_path: Path, fill: Fill) -> None:
    with fill(tmp_path, finished=False) as folder:
        folder.write_servers({"before": {"hits": 1.5, "rate": math.nan}, "arguments": ("--dtype", "\ud800")})
        with pytest.raises(StoreError, match=r"evidence cannot be written as JSON"):
            folder.write_servers({"path": object()})
    kept = json.loads((folder.path / "servers.json").read_text())
    assert kept == {"before": {"hits": 1.5, "rate": "nan"}, "arguments": ["--dtype", "\ufffd"]}


def test_two_processes_never_write_one_gate(
    tmp_path: Path, fill: Fill, results: tuple[ItemResult, ...]
) -> None:
    folder = fill(tmp_path, finished=False)
    holder = (
        "import sys; from pathlib import Path; from harness.store.gate_folder import GateFolder;"
        "folder = GateFolder.open(Path(sys.argv[1])); folder.write_servers({}); print('held', flush=True);"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match=r"being written by another weighbridge process: wait for it"):
            folder.journal("cand")
        assert folder.results("cand") == results
        other.kill()
    with folder:
        folder.journal("base").close()
    assert (folder.path / "journal-base.jsonl").exists()


def test_gates_are_found_oldest_first_and_a_stillborn_one_is_passed_over(tmp_path: Path, fill: Fill) -> None:
    for day, gate_id in ((3, "a"), (1, "b"), (2, "c")):
        fill(tmp_path, gate_id=gate_id, created_at=f"2026-11-0{day}T00:00:00+00:00")
    (tmp_path / "gates" / "stillborn").mkdir()
    assert [gate.manifest.gate_id for gate in find_gates(tmp_path)] == ["b", "c", "a"]


def test_a_results_folder_without_gates_has_none(tmp_path: Path) -> None:
    assert find_gates(tmp_path / "absent") == ()
    assert latest_attempt(tmp_path / "absent", "d" * 64) is None


def test_the_latest_attempt_at_a_plan_is_the_highest(tmp_path: Path, fill: Fill) -> None:
    for attempt in (2, 10, 9):
        fill(tmp_path, gate_id=f"g{attempt}", attempt=attempt)
    fill(tmp_path, gate_id="other", plan_digest="f" * 64, attempt=11)
    latest = latest_attempt(tmp_path, "d" * 64)
    assert latest is not None
    assert latest.manifest.gate_id == "g10"


def test_a_decision_comes_back_as_it_was_left_once_the_folder_is_finished(
    tmp_path: Path, fill: Fill, verdict: GateVerdict
) -> None:
    rung = Rung(holder=Holder.TUNED, arm="rag-3")
    left = Decision(
        ruling=Ruling.TRAIN,
        reason="it beats each prompt",
        terms=LadderTerms(gain=0.1),
        confidence=0.95,
        stands_on=rung,
        contrasts=(Contrast(name="training", delta=0.25, interval=(0.125, 0.5)),),
    )
    with fill(tmp_path, finished=False) as folder:
        folder.write_decision(left)
        with pytest.raises(StoreError, match="has no verdict yet"):
            folder.decision()
        folder.finish(verdict)
    assert GateFolder.open(folder.path).decision() == left


def test_a_gate_holds_no_decision(tmp_path: Path, fill: Fill) -> None:
    with pytest.raises(StoreError, match=r"decision\.json could not be read"):
        fill(tmp_path).decision()
