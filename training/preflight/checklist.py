"""Facts -> the checklist: TRAIN only where every question is answered with yes."""

from dataclasses import dataclass
from enum import StrEnum

from training.preflight.check import Answer, Check
from training.preflight.facts import Facts
from training.preflight.measured import decoding_sweep, prompted, room_to_gain, stronger_model
from training.preflight.stated import (
    audited,
    evaluation_set,
    held_out,
    labels_stable,
    motivated,
    owned,
    read,
    remarks,
)


class Advice(StrEnum):
    """What the checklist comes to."""

    PROCEED = "PROCEED"
    DO_NOT_TRAIN = "DO NOT TRAIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """All questions in the order in which they are to be seen to, and remarks that forbid nothing."""

    checks: tuple[Check, ...]
    remarks: tuple[str, ...]

    @property
    def open(self) -> tuple[Check, ...]:
        """The questions that are not answered with yes, the first to be seen to first."""
        return tuple(check for check in self.checks if check.answer is not Answer.YES)

    @property
    def advice(self) -> Advice:
        """PROCEED where there are questions and none is open."""
        return Advice.PROCEED if self.checks and not self.open else Advice.DO_NOT_TRAIN


def checklist(facts: Facts) -> Checklist:
    """Return every question with its answer; a fact that is missing never answers one with yes."""
    return Checklist(
        checks=(
            evaluation_set(facts),
            labels_stable(facts),
            *prompted(facts),
            stronger_model(facts),
            decoding_sweep(facts),
            room_to_gain(facts),
            motivated(facts),
            owned(facts),
            audited(facts),
            held_out(facts),
            read(facts),
        ),
        remarks=tuple(remarks(facts)),
    )
