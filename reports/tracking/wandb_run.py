"""A gate as one run of Weights & Biases, sent at once or kept in a folder until it is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from harness import UsageError
from reports.plain_text import harmless
from reports.tracking.parcel import Parcel

_MODE = "WANDB_MODE"
_OFFLINE = "offline"


def log_to_wandb(parcel: Parcel, *, project: str) -> str:
    """Return where the run that holds the gate is: an address, or a folder for `wandb sync`.

    Without a login, nobody is asked for one: the run is kept offline.  WANDB_MODE, WANDB_DIR and
    the other variables of W&B hold.  The same gate is the same run.  Raises `UsageError` where W&B
    is not installed or does not take the run.
    """
    with _sentences():
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
            kept = run.settings.sync_dir if run.offline else run.url
    return f"{kept} (offline: `wandb sync` sends it)" if run.offline else str(kept)


def _mode() -> str | None:
    """Return how W&B is to run, None for what its own settings say."""
    from wandb import api

    return None if os.environ.get(_MODE) or api.api_key else _OFFLINE


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise UsageError("W&B is not installed: run `pip install weighbridge[wandb]`") from error
    except Exception as error:
        from wandb.errors import Error

        if not isinstance(error, (Error, OSError)):
            raise
        said = harmless(" ".join(str(error).split()), longest=300)
        raise UsageError(
            f"W&B did not take the gate ({said}): mend that, or set WANDB_MODE=offline, and run the same "
            "command again"
        ) from error
