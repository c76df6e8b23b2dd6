"""One metric of one response, in [0, 1], with the parts it was made of."""

from collections.abc import Mapping

import msgspec

from harness.errors import InvalidComparison


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """`value` in [0, 1]; `parts` are its components in [0, 1]; `note` says why it is low."""

    value: float
    parts: Mapping[str, float] = msgspec.field(default_factory=dict)
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse anything outside [0, 1], NaN included, and a part without a name: that is the score."""
        # No comparison with NaN is true.
        if not 0.0 <= self.value <= 1.0:
            raise _beyond("score", self.value)
        for name, number in self.parts.items():
            if not 0.0 <= number <= 1.0:
                raise _beyond(name, number)
            if not name:
                raise InvalidComparison("a part of a score has no name: give it one in the scorer")


def _beyond(name: str, number: float) -> InvalidComparison:
    return InvalidComparison(f"{name} is {number}; scores lie in [0, 1]: fix the scorer")
