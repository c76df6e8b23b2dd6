"""One training run as a folder: what the training process is told, and where it leaves what it makes.

FOLDER/epoch-1, epoch-2 …     adapters, each whole, each with its certificate
FOLDER/finished.json          written last
FOLDER/run/                   the job, the rendered rows, the log, what resuming needs
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from harness import InvalidRecipe, Precision
from training.certificate import SHINGLES, Certificate
from training.recipe import Recipe, parse_recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a training process needs to know.

    `base` is the folder of the weights, `base_name` what the adapter says it was trained on.
    `certificate` is the birth certificate as far as it is known before training.  `precision`
    is what the machine computes natively.
    """

    base: str
    base_name: str
    out: str
    certificate: Certificate
    precision: Precision = Precision.BFLOAT16
    estimate_only: bool = False

    @property
    def recipe(self) -> Recipe:
        """The recipe, as the certificate has it."""
        return parse_recipe(dict(self.certificate.recipe), where=str(self.description))

    @property
    def run(self) -> Path:
        """Where everything lies that is no adapter."""
        return run_folder(Path(self.out))

    @property
    def description(self) -> Path:
        """The job itself, as the training process reads it."""
        return self.run / "job.json"

    @property
    def training_rows(self) -> Path:
        """The rendered rows that are learnt."""
        return self.run / "train.jsonl"

    @property
    def validation_rows(self) -> Path:
        """The rendered rows that are only looked at."""
        return self.run / "validation.jsonl"

    @property
    def state(self) -> Path:
        """What resuming needs."""
        return self.run / "state"

    @property
    def log(self) -> Path:
        """What libraries have said."""
        return self.run / "training.log"

    @property
    def finished(self) -> Path:
        """The marker of a finished run."""
        return Path(self.out) / "finished.json"

    @property
    def identity(self) -> str:
        """The hex sha256 of what decides the weights: base, recipe and data."""
        certificate = self.certificate
        whole = json.dumps(
            [
                certificate.base_digest,
                _deciding(certificate.recipe),
                certificate.data_digest,
                certificate.examples,
            ],
            sort_keys=True,
        )
        return hashlib.sha256(whole.encode()).hexdigest()


def epoch_folder(out: Path, epoch: int) -> Path:
    """Return where the adapter of an epoch lies, counted from 1."""
    return out / f"epoch-{epoch}"


def epoch_folders(out: Path) -> tuple[Path, ...]:
    """Return the adapters of a run, in the order of their epochs."""
    found = [path for path in out.glob("epoch-*") if path.is_dir() and path.name[6:].isdecimal()]
    return tuple(sorted(found, key=lambda path: int(path.name[6:])))


def run_folder(out: Path) -> Path:
    """Return where a training into `out` leaves everything that is no adapter."""
    return out / "run"


def kept(out: Path) -> str:
    """Return what is left of a run that had to stop, as words."""
    epochs = epoch_folders(out)
    return (
        f"{epochs[-1]} is the last good checkpoint and is kept" if epochs else "no epoch was finished before"
    )


def write_job(job: Job) -> Path:
    """Leave the job in its folder of the run and return its path.

    Raises `InvalidRecipe` when the folder holds another training.
    """
    path = job.description
    if path.is_file():
        _require_same(job, read_job(path))
    job.run.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(".job.json.draft")
    draft.write_text(json.dumps(asdict(job), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)
    return path


def keep_shingles(job: Job, shingles: frozenset[int]) -> None:
    """Leave the hashes of the training texts' word runs beside the job, for its certificates."""
    import numpy as np

    np.save(job.run / SHINGLES, np.array(sorted(shingles), dtype=np.uint64), allow_pickle=False)


def read_job(path: Path) -> Job:
    """Return the job at `path`; raise `InvalidRecipe` where it is damaged."""
    try:
        return msgspec.convert(json.loads(path.read_bytes()), Job)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise InvalidRecipe(f"{path} cannot be read ({error}): train into a new folder") from error


def _require_same(job: Job, before: Job) -> None:
    if job.identity == before.identity:
        return
    old, new = before.certificate, job.certificate
    changed = [
        name
        for name, was, now in (
            ("the base", old.base_digest, new.base_digest),
            ("the data", (old.data_digest, old.examples), (new.data_digest, new.examples)),
            ("the recipe", _deciding(old.recipe), _deciding(new.recipe)),
        )
        if was != now
    ]
    raise InvalidRecipe(
        f"{job.out} holds another training, {' and '.join(changed)} of which differ: give another --out, "
        "or remove the folder"
    )


def _deciding(recipe: object) -> object:
    """The recipe without where its files lie: the content of both is told by digests."""
    fields = dict(recipe) if isinstance(recipe, dict) else recipe
    if isinstance(fields, dict):
        for name in ("base", "data", "validation"):
            fields.pop(name, None)
    return fields
