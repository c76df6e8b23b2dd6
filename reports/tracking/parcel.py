"""What is sent to a tracker: the figures of a gate, and its files by name."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.gate.figures import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """The figures, the Markdown summary and the text files of one gate.

    `step` is where in a training the checkpoint stands, 0 where that is not said; trackers draw
    metrics over it.
    """

    figures: Figures
    summary: str
    files: Mapping[str, str]
    step: int = 0
