"""A judge's replies to both orders of two replies -> what it makes of each; pure.

A judge that changes its mind when the replies change places has said nothing of them: that is a
tie, and so is a reply that cannot be read.
"""

from dataclasses import dataclass

from harness.domain.judgement import TIE
from harness.domain.reading import PAIR_VERDICTS
from harness.domain.response import GenerationFailure, Outcome, Response
from harness.scoring.json_schema import SchemaValidator, parse_reply


@dataclass(frozen=True, slots=True, kw_only=True)
class BothOrders:
    """What a judge makes of two replies: for each 1, 0, or a tie of both, and why it is one."""

    first: float
    second: float
    consistent: bool
    failure: str = ""


def both_orders(forward: Outcome, backward: Outcome, validator: SchemaValidator) -> BothOrders:
    """Return what the judge makes of two replies, shown as A and B and then as B and A.

    `validator` is that of the judge's schema.
    """
    one, other = (_accepted(outcome, validator) for outcome in (forward, backward))
    failures = [each for each in (one, other) if isinstance(each, str)]
    if isinstance(one, str) or isinstance(other, str):
        return BothOrders(first=TIE, second=TIE, consistent=False, failure=failures[0])
    if one != other[::-1]:
        return BothOrders(first=TIE, second=TIE, consistent=False)
    return BothOrders(first=one[0], second=one[1], consistent=True)


def _accepted(outcome: Outcome, validator: SchemaValidator) -> tuple[float, float] | str:
    """Return what is accepted of A and B, or why that cannot be told."""
    match outcome:
        case Response(text=text):
            valid = validator.validity(text)
            if not valid.value:
                return valid.note
            said = parse_reply(text)
            if not isinstance(said, dict):
                return "no JSON object"
            of_a, of_b = PAIR_VERDICTS[str(said["verdict"])]
            return float(of_a), float(of_b)
        case GenerationFailure(kind=kind):
            return f"no reply: {kind}"
        case _:
            return "no reply in words"
