"""A finding: one thing that was looked at, how grave it is, and examples to look at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from training.example import Example

_SHOWN_IDS = 5
_SHOWN_CHARACTERS = 80


class Severity(StrEnum):
    """What a finding asks for: the data mended, a decision, or nothing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check says.

    `share` is that of the examples concerned, in [0, 1], where there is one; `example_ids` are
    a few of them, `first` is the place of the first one, from 1, and `sample` how its question
    begins.
    """

    check: str
    severity: Severity
    said: str
    count: int = 0
    share: float | None = None
    example_ids: tuple[str, ...] = ()
    first: int | None = None
    sample: str = ""


def concerning(
    check: str, severity: Severity, said: str, *, whole: Sequence[Example], of: Iterable[Example]
) -> Finding:
    """Return the finding that concerns the examples `of` out of `whole`, which is not empty."""
    concerned = list(of)
    return Finding(
        check=check,
        severity=severity,
        said=said,
        count=len(concerned),
        share=len(concerned) / len(whole),
        example_ids=tuple(example.id for example in concerned[:_SHOWN_IDS]),
        first=whole.index(concerned[0]) + 1 if concerned else None,
        sample=" ".join(concerned[0].question.split())[:_SHOWN_CHARACTERS] if concerned else "",
    )


def percent(share: float) -> str:
    """Return a share as it is read: 7.3 %, and neither 0 % nor 100 % for what is not quite that."""
    shown = f"{100 * share:.1f}"
    if shown == "0.0" and share > 0.0:
        return "less than 0.1 %"
    if shown == "100.0" and share < 1.0:
        return "more than 99.9 %"
    return f"{shown.removesuffix('.0')} %"
