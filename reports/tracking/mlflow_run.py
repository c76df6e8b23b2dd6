"""A gate as one MLflow run, on a server or in a folder."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from harness import UsageError
from reports.plain_text import harmless
from reports.tracking.parcel import Parcel

if TYPE_CHECKING:
    from mlflow import MlflowClient

_Entry = TypeVar("_Entry")

_GATE = "weighbridge.gate_id"
_NOTE = "mlflow.note.content"
_LONGEST_TAG = 5_000
_QUIET = {
    # A server that is not there is told of in seconds; MLflow would otherwise ask for minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
"""What MLflow is told by its environment, unless the user says otherwise."""


def log_to_mlflow(parcel: Parcel, uri: str, *, experiment: str) -> str:
    """Return the id of the run that now holds the gate: the one that held it before, or a new one.

    `uri` is a tracking server, a database, or a folder, in which a SQLite file and the artifacts
    are then kept.  Raises `UsageError` where MLflow is not installed or does not take the run.
    """
    os.environ.update({name: value for name, value in _QUIET.items() if name not in os.environ})
    refused = _refusals()
    try:
        return _logged(parcel, uri, experiment)
    except ImportError as error:
        raise UsageError(
            f"writing to {uri} takes all of MLflow, and {error.name or 'a part of it'} is not installed: run "
            "`pip install mlflow`, or name the address of a server"
        ) from error
    except refused as error:
        said = harmless(" ".join(str(error).split()), longest=300)
        raise UsageError(
            f"MLflow at {uri} did not take the gate ({said}): mend that and run the same command again, it "
            "goes on in the same run"
        ) from error


def _refusals() -> tuple[type[Exception], ...]:
    """Return what MLflow's client raises; raise `UsageError` where it is not installed."""
    try:
        from mlflow.exceptions import MlflowException
    except ImportError as error:
        raise UsageError("MLflow is not installed: run `pip install weighbridge[mlflow]`") from error
    return MlflowException, OSError


def _logged(parcel: Parcel, uri: str, experiment: str) -> str:
    from mlflow import MlflowClient

    tracking_uri, artifacts = _address(uri)
    client = MlflowClient(tracking_uri=tracking_uri)
    run_id = _run(client, _experiment(client, experiment, artifacts), parcel)
    _log(client, run_id, parcel)
    for name, text in parcel.files.items():
        client.log_text(run_id, text, name)
    client.set_terminated(run_id)
    return run_id


def _address(uri: str) -> tuple[str, str | None]:
    """Return the tracking URI, and where artifacts go where the server does not say."""
    if "://" in uri or uri == "databricks":
        return uri, None
    folder = Path(uri).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'mlflow.db'}", (folder / "artifacts").as_uri()


def _experiment(client: "MlflowClient", name: str, artifacts: str | None) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    return str(client.create_experiment(name, artifact_location=artifacts))


def _run(client: "MlflowClient", experiment_id: str, parcel: Parcel) -> str:
    gate_id = parcel.figures.gate_id
    wanted = f"tags.`{_GATE}` = '{gate_id}'"
    found = client.search_runs([experiment_id], filter_string=wanted, max_results=1)
    if found:
        return str(found[0].info.run_id)
    tags = {_GATE: gate_id}
    began_ms = _began_ms(parcel)
    return str(client.create_run(experiment_id, began_ms, tags=tags, run_name=gate_id).info.run_id)


def _log(client: "MlflowClient", run_id: str, parcel: Parcel) -> None:
    from mlflow.entities import Metric, Param, RunTag
    from mlflow.utils.validation import MAX_METRICS_PER_BATCH, MAX_PARAMS_TAGS_PER_BATCH

    # One instant and one step a gate: logged again, they are the same points.
    began_ms = _began_ms(parcel)
    metrics = [Metric(name, value, began_ms, parcel.step) for name, value in parcel.figures.metrics.items()]
    tags = [
        RunTag(name, text[:_LONGEST_TAG])
        for name, text in {**parcel.figures.tags, _NOTE: parcel.summary}.items()
    ]
    params = [Param(name, text) for name, text in parcel.figures.params.items()]
    for some in _parts(metrics, MAX_METRICS_PER_BATCH):
        client.log_batch(run_id, metrics=some)
    for some_tags in _parts(tags, MAX_PARAMS_TAGS_PER_BATCH):
        client.log_batch(run_id, tags=some_tags)
    client.log_batch(run_id, params=params)


def _parts(entries: Sequence[_Entry], size: int) -> Iterator[Sequence[_Entry]]:
    return (entries[start : start + size] for start in range(0, len(entries), size))


def _began_ms(parcel: Parcel) -> int:
    return round(1000 * datetime.fromisoformat(parcel.figures.tags["weighbridge.created_at"]).timestamp())
