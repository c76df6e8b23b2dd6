"""A gate as one run of Weights & Biases, sent at once or kept in a folder until it is."""

import os

from harness import UsageError
from reports.plain_text import harmless
from reports.tracking.parcel import Parcel

_SAYS_HOW = ("WANDB_MODE", "WANDB_API_KEY")


def log_to_wandb(parcel: Parcel, *, project: str) -> str:
    """Return where the run that holds the gate is: an address, or a folder for `wandb sync`.

    The run is kept offline unless WANDB_API_KEY or WANDB_MODE is set, so that nobody is asked for a
    login; the other variables of W&B hold.  The same gate is the same run.  Raises `UsageError`
    where W&B is not installed or does not take the run.
    """
    try:
        from wandb.errors import Error
    except ImportError as error:
        raise UsageError("W&B is not installed: run `pip install weighbridge[wandb]`") from error
    try:
        return _logged(parcel, project)
    except (Error, OSError) as error:
        said = harmless(" ".join(str(error).split()), longest=300)
        raise UsageError(
            f"W&B did not take the gate ({said}): mend that, or set WANDB_MODE=offline, and run the same "
            "command again"
        ) from error


def _logged(parcel: Parcel, project: str) -> str:
    import wandb

    with wandb.init(
        project=project,
        id=parcel.figures.gate_id,
        name=parcel.figures.gate_id,
        resume="allow",
        job_type="gate",
        config={**parcel.figures.params, **parcel.figures.tags},
        notes=parcel.summary,
        mode=_mode(),
        settings=wandb.Settings(silent=True, console="off", disable_code=True, x_disable_stats=True),
    ) as run:
        run.log(dict(parcel.figures.metrics), step=parcel.step)
        artifact = wandb.Artifact(f"gate-{parcel.figures.gate_id}", type="gate")
        for name, text in parcel.files.items():
            with artifact.new_file(name, encoding="utf-8") as file:
                file.write(text)
        run.log_artifact(artifact)
        if run.offline:
            return f"{run.settings.sync_dir} (offline: send it with `wandb sync`, or set WANDB_MODE=online)"
        return str(run.url)


def _mode() -> str | None:
    """Return how W&B is to run where its environment does not say: offline, for it would ask for a login."""
    return None if any(os.environ.get(name) for name in _SAYS_HOW) else "offline"
