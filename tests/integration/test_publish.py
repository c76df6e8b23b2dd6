"""A gate published for real: to a local MLflow server, into a folder, to W&B offline, and printed."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram
from tests.unit.cli.test_verify import gate_with

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]
"""Warnings of the trackers' own libraries are none of ours."""

PATIENCE_S = 300
DIGEST = "weighbridge.digest.candidate"


@pytest.fixture(scope="module")
def tracking_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An MLflow server on a free port, with a database and artifacts of its own."""
    pytest.importorskip("mlflow", reason="mlflow is not installed: pip install -r requirements/tracking.txt")
    pytest.importorskip("flask", reason="only mlflow-skinny is installed, which has no server")
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)),
        *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--workers", "1"),
        *("--artifacts-destination", str(folder / "artifacts")),
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
        try:
            yield _ready(f"http://127.0.0.1:{port}", server, folder / "log")
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE_S)


def _ready(url: str, server: "subprocess.Popen[bytes]", log: Path) -> str:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5):  # noqa: S310
            return url
        time.sleep(0.5)
    pytest.fail(f"the server did not come up: {log.read_text(errors='replace')[-2000:]}")


def test_a_server_holds_the_figures_the_digests_and_the_files(
    tracking_server: str, results: Path, weighbridge: RunProgram, in_tmp: Path
) -> None:
    from mlflow import MlflowClient

    gate = gate_with(results, "REGRESSED")
    done = weighbridge("publish", gate, "--mlflow", tracking_server, "--step", "7")
    assert (done.status, done.err) == (0, "")
    client = MlflowClient(tracking_server)
    run = client.get_run(done.out.split()[2])
    assert run.data.tags["weighbridge.status"] == "REGRESSED"
    assert len(run.data.tags[DIGEST]) == 64
    assert run.data.tags["mlflow.note.content"].startswith("### REGRESSED: ")
    assert run.info.status == "FINISHED"
    (point,) = client.get_metric_history(run.info.run_id, "target-metric/tickets/zero-shot/change_points")
    evidence = json.loads((gate / "verdict.json").read_text())["verdicts"][0]["evidence"]
    assert (point.step, point.value) == (7, pytest.approx(100 * evidence["delta"]))
    kept = client.download_artifacts(run.info.run_id, "verdict.json", str(in_tmp))
    assert Path(kept).read_bytes() == (gate / "verdict.json").read_bytes()
    names = {each.path for each in client.list_artifacts(run.info.run_id)}
    assert names == {"report.html", "report.json", "comment.md", "manifest.json", "verdict.json"}


def test_the_same_gate_is_the_same_run_and_the_same_points(
    tracking_server: str, results: Path, weighbridge: RunProgram
) -> None:
    from mlflow import MlflowClient

    gate = gate_with(results, "PASSED")
    first, again = (weighbridge("publish", gate, "--mlflow", tracking_server) for _ in range(2))
    assert first.out == again.out
    client = MlflowClient(tracking_server)
    history = client.get_metric_history(first.out.split()[2], "target-metric/tickets/zero-shot/passed")
    assert [point.value for point in history] == [1.0]


def test_a_folder_holds_the_run_without_a_server(
    results: Path, weighbridge: RunProgram, in_tmp: Path
) -> None:
    pytest.importorskip("mlflow", reason="mlflow is not installed: pip install -r requirements/tracking.txt")
    pytest.importorskip("sqlalchemy", reason="only mlflow-skinny is installed, which has no database")
    done = weighbridge("publish", gate_with(results, "PASSED"), "--mlflow", in_tmp / "runs")
    assert (done.status, done.out.split()[0]) == (0, "mlflow:")
    assert (in_tmp / "runs" / "mlflow.db").is_file()
    assert len(list((in_tmp / "runs" / "artifacts").rglob("verdict.json"))) == 1


def test_a_server_that_is_not_there_is_one_sentence(results: Path, weighbridge: RunProgram) -> None:
    pytest.importorskip("mlflow", reason="mlflow is not installed: pip install -r requirements/tracking.txt")
    done = weighbridge("publish", gate_with(results, "PASSED"), "--mlflow", "http://127.0.0.1:9")
    assert (done.status, done.out) == (2, "")
    assert "MLflow at http://127.0.0.1:9 did not take the gate" in done.complaint
    assert "Traceback" not in done.err


def test_without_a_login_wandb_keeps_the_run_offline(
    results: Path, weighbridge: RunProgram, in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb", reason="wandb is not installed: pip install -r requirements/tracking.txt")
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.delenv("WANDB_MODE", raising=False)
    gate = gate_with(results, "REGRESSED")
    done = weighbridge("publish", gate, "--wandb", "weighbridge-tests")
    assert (done.status, done.err) == (0, "")
    assert "offline: send it with `wandb sync`" in done.out
    (kept,) = (in_tmp / "wandb").glob(f"offline-run-*/run-{gate.name}.wandb")
    written = kept.read_bytes()
    assert b"target-metric/tickets/zero-shot/change_points" in written
    assert b"REGRESSED" in written


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_the_page_is_printed_as_a_pdf(results: Path, weighbridge: RunProgram, in_tmp: Path) -> None:
    pytest.importorskip("vl_convert", reason="weighbridge[report] is not installed")
    done = weighbridge("report", gate_with(results, "REGRESSED"), "--pdf", in_tmp / "report.pdf")
    assert (done.status, done.err) == (0, f"written: {in_tmp / 'report.pdf'}\n")
    printed = (in_tmp / "report.pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") > 1
