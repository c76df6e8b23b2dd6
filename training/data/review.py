"""What a person made of a sample of a data set: read, accepted or not, and why.

Training on data that nobody read is how most bad fine-tunes come about, so it asks for a
review in which at least 95 % of the examples that were read were accepted.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from harness import InvalidDataset

FEWEST_READ = 50
LEAST_ACCEPTED = 0.95

_FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What was said of one example; `at` is an ISO time in UTC."""

    example_id: str
    accepted: bool
    note: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Which examples are read: `count` of the `examples` in a data set, drawn by `seed`.

    `data_digest` is the hex sha256 of the examples, wherever they lie.
    """

    data: str
    data_digest: str
    examples: int
    count: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A finished review; `began_at` and `ended_at` are ISO times in UTC."""

    sampling: Sampling
    reviewer: str
    began_at: str
    ended_at: str
    marks: tuple[Mark, ...]

    @property
    def accepted(self) -> int:
        """How many examples were accepted."""
        return sum(mark.accepted for mark in self.marks)

    @property
    def accepted_share(self) -> float:
        """The share accepted, in [0, 1]; raises `InvalidDataset` for a review of nothing."""
        if not self.marks:
            raise InvalidDataset(f"the review by {self.reviewer} read nothing: run weighbridge data review")
        return self.accepted / len(self.marks)


def write_review(path: Path, review: Review) -> None:
    """Leave the review at `path`, whole or not at all."""
    document = {"format_version": _FORMAT_VERSION, "accepted_share": review.accepted_share, **asdict(review)}
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_review(path: Path) -> Review:
    """Return the review at `path`.

    Raises `InvalidDataset` for a file that is absent, no review, or marks an example twice.
    """
    import msgspec

    try:
        document = json.loads(path.read_bytes())
        document.pop("format_version", None)
        document.pop("accepted_share", None)
        review = msgspec.convert(document, Review)
    except OSError as error:
        raise InvalidDataset(
            f"{path} could not be read ({error.strerror}): write it with weighbridge data review"
        ) from error
    except (ValueError, AttributeError, TypeError, RecursionError, msgspec.ValidationError) as error:
        raise InvalidDataset(
            f"{path} is no review ({error}): write it with weighbridge data review"
        ) from error
    if len({mark.example_id for mark in review.marks}) < len(review.marks):
        raise InvalidDataset(f"{path} marks an example twice: write it anew with weighbridge data review")
    return review


def require_reviewed(data_digest: str, review: Review | None, override: str | None) -> str | None:
    """Return what is to be recorded in place of a good review, None where there is one.

    `data_digest` is that of the examples to be trained on, and `override` the name of who
    takes them all the same.  Raises `InvalidDataset` where a name is needed and none is given.
    """
    fault = _fault(data_digest, review)
    if fault is None:
        return None
    if override is not None and override.strip():
        return f"{override.strip()} accepted training although {fault}"
    raise InvalidDataset(
        f"{fault}: read the data with weighbridge data review, mend it, or take it upon yourself with "
        "--accept-unreviewed-by NAME"
    )


def _fault(data_digest: str, review: Review | None) -> str | None:
    if review is None:
        return "nobody has reviewed the training data"
    sampling, read = review.sampling, len(review.marks)
    if sampling.data_digest != data_digest:
        return (
            f"the review by {review.reviewer} is of other data ({sampling.data_digest[:12]}, not "
            f"{data_digest[:12]})"
        )
    enough = min(FEWEST_READ, sampling.examples)
    if read < enough:
        return f"{review.reviewer} read {read} examples of the training data, and {enough} are needed"
    if review.accepted_share < LEAST_ACCEPTED:
        return (
            f"{review.reviewer} accepted {review.accepted} of {read} examples, and {LEAST_ACCEPTED:.0%} "
            "are needed"
        )
    return None
