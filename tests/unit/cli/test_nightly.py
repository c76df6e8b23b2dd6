"""`weighbridge nightly`: what is new or stale is measured, held against others, judged and left behind."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from harness.errors import StoreError
from harness.store.lock import held
from tests.fakes.fixtures import Done, RunProgram
from tests.fakes.openai_server import FakeServer

ITEMS = 40
FROZEN = "hazy"
POLICY = f"items = {ITEMS}\n[target_metric]\nmargin = 0.1\n[schema_validity]\nmargin = 0.1\n"


@pytest.fixture(autouse=True)
def _no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts take seconds; pages have tests of their own."""
    monkeypatch.setattr("harness.cli.show_nightly.has_drawing", bool)


@pytest.fixture
def a_nightly(in_tmp: Path, server: FakeServer) -> Callable[..., Path]:
    """Writes a nightly file over models of the server."""

    def write(
        *models: str,
        release: str = "also-good",
        tasks: str = "tickets",
        more: str = "",
        policy: str = POLICY,
    ) -> Path:
        names = [name if name.startswith("./") else server.checkpoint(name) for name in models]
        path = in_tmp / "nightly.toml"
        (in_tmp / "policy.toml").write_text(policy)
        path.write_text(
            f'owner = "Ada"\ndue = 2099-01-31\ncheckpoints = {json.dumps(names)}\ntasks = ["{tasks}"]\n'
            f'release = "{server.checkpoint(release)}"\npolicy = "policy.toml"\n{more}\n'
        )
        return path

    return write


@pytest.fixture
def anchored(
    a_nightly: Callable[..., Path], server: FakeServer, weighbridge: RunProgram
) -> Callable[..., Path]:
    """Writes a nightly file with an anchor, whose digest the program tells."""

    def write(*models: str, **how: str) -> Path:
        more = f'[anchor]\ncheckpoint = "{server.checkpoint(FROZEN)}"\n'
        told = weighbridge("nightly", a_nightly(*models, more=more), "--check").complaint
        return a_nightly(*models, more=f'{more}digest = "{told.split(chr(34))[1][:16]}"\n', **how)

    return write


def night(done: Done) -> dict[str, Any]:
    assert done.out, done.err
    read: dict[str, Any] = json.loads(done.out)
    return read


def statuses(found: dict[str, Any], against: str) -> dict[tuple[str, str], str]:
    """The answer to every question against one side, by model and suite."""
    return {
        (row["checkpoint"].partition("#")[2], row["suite"]): change["status"]
        for row in found["rows"]
        for change in row["changes"]
        if change["against"] == against
    }


def asked(server: FakeServer) -> int:
    return len(server.chats())


def test_what_a_policy_asks_of_people_is_left_to_the_release_gate_and_told(
    a_nightly: Callable[..., Path], weighbridge: RunProgram
) -> None:
    policy = f"{POLICY}[reads]\nrequired = 5\n[judge]\nmargin = 0.1\n"
    found = night(weighbridge("nightly", a_nightly("good", policy=policy), "--json"))
    assert found["status"] == "PASSED"
    assert "weighbridge gate" in {each["about"]: each["text"] for each in found["notices"]}["policy"]


def test_a_night_is_judged_recorded_and_left_with_a_summary(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, in_tmp: Path
) -> None:
    done = weighbridge("nightly", a_nightly("good", "bad"), "--md", "out/summary.md")
    assert done.status == 1, done.err
    assert "REGRESSED" in done.out
    assert "Owner: Ada, due 2099-01-31" in done.out
    (folder,) = (in_tmp / "results" / "nightly" / "nightly").iterdir()
    assert {path.name for path in folder.iterdir()} == {"night.json", "summary.md"}
    text = (in_tmp / "out" / "summary.md").read_text()
    assert text == (folder / "summary.md").read_text()
    assert text.startswith("### REGRESSED: ")
    found = json.loads((folder / "night.json").read_text())
    assert [each["status"] for each in found["answers"]] == ["PASSED", "REGRESSED"]
    assert statuses(found, "release") == {
        ("good", "target-metric"): "PASSED",
        ("good", "schema-validity"): "PASSED",
        ("bad", "target-metric"): "REGRESSED",
        ("bad", "schema-validity"): "PASSED",
    }


def test_what_is_fresh_is_not_asked_again_and_what_is_new_is_held_against_last_night(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, server: FakeServer
) -> None:
    first = night(weighbridge("nightly", a_nightly("good"), "--json"))
    assert asked(server) == 2 * ITEMS
    assert all(row["is_new"] for row in first["rows"])
    again = night(weighbridge("nightly", a_nightly("good"), "--json"))
    assert asked(server) == 2 * ITEMS
    assert (again["status"], again["night_id"][-2:]) == ("PASSED", "-2")
    assert not any(row["is_new"] for row in again["rows"])
    assert "nothing new" in {each["about"] for each in again["notices"]}
    assert statuses(again, "last night") == {}
    more = night(weighbridge("nightly", a_nightly("good", "bad"), "--json"))
    assert asked(server) == 3 * ITEMS
    assert [row["is_new"] for row in more["rows"]] == [False, False, False, False, True, True]


def test_what_is_older_than_max_age_days_or_of_other_programs_is_measured_again(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, server: FakeServer, in_tmp: Path
) -> None:
    weighbridge("nightly", a_nightly("good"))
    edit_manifests(in_tmp, server.checkpoint("good"), created_at="2020-01-01T00:00:00+00:00")
    found = night(weighbridge("nightly", a_nightly("good"), "--json"))
    assert asked(server) == 3 * ITEMS
    assert statuses(found, "last night") == {
        ("good", "target-metric"): "PASSED",
        ("good", "schema-validity"): "PASSED",
    }
    for manifest in manifests(in_tmp, server.checkpoint("also-good")):
        fields = json.loads(manifest.read_text())
        fields["environment"]["package weighbridge"] = "0.0.1"
        manifest.write_text(json.dumps(fields))
    weighbridge("nightly", a_nightly("good"))
    assert asked(server) == 4 * ITEMS


def test_a_changed_task_is_stale_and_last_night_is_no_partner(
    a_nightly: Callable[..., Path],
    weighbridge: RunProgram,
    server: FakeServer,
    task_copy: Callable[[str], Path],
) -> None:
    folder = task_copy("routing")
    weighbridge("nightly", a_nightly("good", tasks="./routing"))
    schema = folder / "schema.json"
    schema.write_text(schema.read_text() + "\n")
    found = night(weighbridge("nightly", a_nightly("good", tasks="./routing"), "--json"))
    assert asked(server) == 4 * ITEMS
    reasons = {
        change["reason"]
        for row in found["rows"]
        for change in row["changes"]
        if change["against"] == "last night"
    }
    assert reasons == {"the last night cannot be compared with: routing had other content then"}
    assert found["status"] == "PASSED"


def test_a_failed_cell_is_a_hole_and_the_others_go_on(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, in_tmp: Path
) -> None:
    done = weighbridge("nightly", a_nightly("good", "./not-trained"), "--json")
    found = night(done)
    assert done.status == 2
    assert [each["status"] for each in found["answers"]] == ["PASSED", "INVALID"]
    (hole,) = found["holes"]
    assert (hole["checkpoint"], hole["subject"]) == ("./not-trained", "tickets")
    assert "./not-trained" in hole["reason"]
    assert [path.name for path in (in_tmp / "results" / "nightly").iterdir() if path.is_dir()] == ["nightly"]


def test_an_arm_that_cannot_be_asked_leaves_the_other_arms(
    a_nightly: Callable[..., Path], weighbridge: RunProgram
) -> None:
    file = a_nightly("good", more='arms = ["zero-shot", "oracle-context"]')
    found = night(weighbridge("nightly", file, "--json"))
    assert {hole["arm"] for hole in found["holes"]} == {"oracle-context"}
    assert statuses(found, "release")["good", "target-metric"] == "PASSED"
    assert found["status"] == "INVALID"


def test_a_task_whose_name_is_no_files_is_a_hole_and_leaves_no_file_anywhere(
    a_nightly: Callable[..., Path],
    weighbridge: RunProgram,
    task_copy: Callable[[str], Path],
    in_tmp: Path,
) -> None:
    task_copy("x y")
    found = night(weighbridge("nightly", a_nightly("good", tasks="./x y"), "--json"))
    reasons = {hole["reason"].partition(":")[0] for hole in found["holes"]}
    assert reasons == {"'task.x y.zero-shot.candidate' cannot name a file"}
    folder = in_tmp / "results"
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {
        ".lock",
        "night.json",
        "summary.md",
    }


def test_where_nothing_was_measured_the_night_is_invalid(
    a_nightly: Callable[..., Path], weighbridge: RunProgram
) -> None:
    done = weighbridge("nightly", a_nightly("./a", "./b"), "--json")
    assert done.status == 2
    assert night(done)["reason"].startswith("nothing was measured: ./a: ")


def test_a_still_anchor_is_asked_with_whatever_is_new_and_lets_verdicts_stand(
    anchored: Callable[..., Path], weighbridge: RunProgram, server: FakeServer
) -> None:
    first = night(weighbridge("nightly", anchored("good"), "--json"))
    assert (first["status"], first["readings"]) == ("PASSED", [])
    assert asked(server) == 3 * ITEMS
    weighbridge("nightly", anchored("good"))
    assert asked(server) == 3 * ITEMS
    found = night(weighbridge("nightly", anchored("good", "bad"), "--json"))
    assert asked(server) == 5 * ITEMS
    assert [(each["moved"], each["changed"]) for each in found["readings"]] == [(False, 0), (False, 0)]
    assert found["status"] == "REGRESSED"


def test_where_the_anchor_moved_no_checkpoint_is_blamed_until_the_day_is_written_down(
    anchored: Callable[..., Path], weighbridge: RunProgram, server: FakeServer, in_tmp: Path
) -> None:
    weighbridge("nightly", anchored("good"))
    spoil_scores(in_tmp, server.checkpoint(FROZEN))
    done = weighbridge("nightly", anchored("bad"), "--json")
    found = night(done)
    assert (done.status, found["status"]) == (2, "INVALID")
    assert [each["moved"] for each in found["readings"]] == [True, False]
    assert "the measurement moved: the anchor scores 0." in found["reason"]
    assert statuses(found, "release")["bad", "target-metric"] == "INVALID"
    assert statuses(found, "release")["bad", "schema-validity"] == "PASSED"
    edit_manifests(in_tmp, server.checkpoint(FROZEN), created_at="2020-01-01T00:00:00+00:00", first=True)
    file = anchored("bad")
    file.write_text(file.read_text() + "since = 2021-01-01\n")
    assert weighbridge("nightly", file).status == 1


def test_an_anchor_of_another_content_is_refused_before_anything_is_asked(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, server: FakeServer
) -> None:
    more = f'[anchor]\ncheckpoint = "{server.checkpoint(FROZEN)}"\ndigest = "{"0" * 12}"\n'
    done = weighbridge("nightly", a_nightly("good", more=more))
    assert (done.status, done.out) == (2, "")
    assert (
        "000000000000 is frozen: put the old content back, or freeze this one by its digest" in done.complaint
    )
    assert asked(server) == 0


def test_check_lists_the_cells_and_begins_nothing(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, server: FakeServer, in_tmp: Path
) -> None:
    done = weighbridge("nightly", a_nightly("good"), "--check", "--json")
    assert [(cell["part"], cell["state"]) for cell in json.loads(done.out)] == [
        ("release", "to be measured"),
        ("checkpoint", "to be measured"),
    ]
    assert asked(server) == 0
    assert not (in_tmp / "results").exists()
    assert weighbridge("nightly", a_nightly("./gone"), "--check").status == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("tasks =", "task ="), "unknown key 'task': did you mean tasks?"),
        (('"tickets"', '"tickts"'), "unknown task 'tickts'"),
        (('["tickets"]', "[]"), "tasks is empty, so there is nothing to measure"),
        (("policy.toml", "no.toml"), "no.toml could not be read"),
    ],
)
def test_a_file_that_is_wrong_is_one_sentence(
    wrong: tuple[str, str], said: str, a_nightly: Callable[..., Path], weighbridge: RunProgram, in_tmp: Path
) -> None:
    file = a_nightly("good")
    file.write_text(file.read_text().replace(*wrong))
    done = weighbridge("nightly", file)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert not (in_tmp / "results").exists()


@pytest.mark.parametrize("name", ["..toml", "a b.toml", "-.toml", f"{'n' * 61}.toml"])
def test_a_file_whose_name_is_no_folders_is_refused(
    name: str, a_nightly: Callable[..., Path], weighbridge: RunProgram, in_tmp: Path
) -> None:
    file = a_nightly("good").rename(in_tmp / name)
    done = weighbridge("nightly", "--", file)
    assert done.status == 2
    assert "cannot name a folder" in done.complaint


def test_a_release_that_is_not_there_is_refused_before_anything_is_asked(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, server: FakeServer
) -> None:
    file = a_nightly("good")
    file.write_text(file.read_text().replace(server.checkpoint("also-good"), "./release-8"))
    done = weighbridge("nightly", file)
    assert (done.status, done.out) == (2, "")
    assert "./release-8" in done.complaint
    assert asked(server) == 0


def test_a_question_that_could_not_pass_is_refused(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, in_tmp: Path
) -> None:
    file = a_nightly("good")
    (in_tmp / "policy.toml").write_text("items = 20\n")
    done = weighbridge("nightly", file)
    assert done.status == 2
    assert "target-metric on tickets on 20 items cannot pass" in done.complaint


def test_over_the_disk_budget_nothing_is_begun(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, server: FakeServer, in_tmp: Path
) -> None:
    (in_tmp / "results").mkdir()
    (in_tmp / "results" / "big").write_bytes(b"x" * 3_000_000)
    done = weighbridge("nightly", a_nightly("good", more="disk_budget_gb = 0.002"))
    assert (done.status, done.out) == (2, "")
    assert "takes 0.003 GB, over disk_budget_gb = 0.002 in" in done.complaint
    assert "set keep_days, remove gates you no longer need, or raise the budget" in done.complaint
    assert asked(server) == 0


def test_a_second_nightly_while_one_runs_is_refused(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, server: FakeServer, in_tmp: Path
) -> None:
    folder = in_tmp / "results" / "nightly"
    folder.mkdir(parents=True)
    with held(folder / ".lock", wait_s=0, busy=StoreError("")):
        done = weighbridge("nightly", a_nightly("good"))
    assert (done.status, done.out) == (2, "")
    assert "another nightly is running in" in done.complaint
    assert "wait for it to end, or stop it and run the same command again" in done.complaint
    assert asked(server) == 0
    assert weighbridge("nightly", a_nightly("good")).status == 0


def test_a_store_of_a_newer_schema_is_refused_with_the_command_to_upgrade(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, server: FakeServer, in_tmp: Path
) -> None:
    (in_tmp / "results").mkdir()
    with duckdb.connect(str(in_tmp / "results" / "weighbridge.duckdb")) as connection:
        connection.execute("CREATE TABLE schema_version AS SELECT 99 AS version")
    done = weighbridge("nightly", a_nightly("good"))
    assert (done.status, done.out) == (2, "")
    assert "run `pip install -U weighbridge`" in done.complaint
    assert asked(server) == 0


def test_in_a_step_of_github_summary_and_annotations_come_by_themselves(
    a_nightly: Callable[..., Path], weighbridge: RunProgram, in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = in_tmp / "step.md"
    step.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    done = weighbridge("nightly", a_nightly("bad"))
    assert step.read_text().startswith("before\n### REGRESSED: ")
    assert step.read_text().count("### ") == 1
    lines = [line for line in done.out.splitlines() if line.startswith("::")]
    assert [line.partition("::")[2].partition("::")[0].split(" title=")[0] for line in lines] == ["error"] * 2


def manifests(folder: Path, checkpoint: str) -> list[Path]:
    found = (folder / "results" / "gates").glob("*/manifest.json")
    mine = [path for path in found if json.dumps(checkpoint) in path.read_text()]
    return sorted(mine, key=lambda path: path.parent.name)


def edit_manifests(folder: Path, checkpoint: str, *, first: bool = False, **fields: str) -> None:
    found = manifests(folder, checkpoint)
    for path in found[:1] if first else found:
        path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def spoil_scores(folder: Path, checkpoint: str) -> None:
    """Has an earlier run on record with other scores, as if it had been measured by another instrument."""
    (gate,) = [path.parent for path in manifests(folder, checkpoint)]
    (journal,) = gate.glob("journal-*.jsonl")
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    for line in lines:
        line["scores"]["target"] = {**line["scores"]["target"], "value": 0.1}
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    shutil.rmtree(folder / "cache" / "responses", ignore_errors=True)
