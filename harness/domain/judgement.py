"""What a judge said of both replies to an item, asked in both orders."""

from dataclasses import dataclass

from harness.domain.reading import Place

TIE = 0.5
"""What both replies get where the two orders do not say the same, or nothing that could be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was made of one item: for each reply 1 accepted, 0 not, or `TIE` for both.

    `consistent` tells whether both orders said the same of the same reply.  `failure` says why a
    reply of the judge could not be read, empty where both could.  Tokens are those of both orders.
    """

    pair: str
    item_id: str
    candidate: float
    baseline: float
    consistent: bool
    failure: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def place(self) -> Place:
        """Where the replies stand in their gate."""
        return self.pair, self.item_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """Everything one judge said of one gate, each item once.

    `judge` is who, as the user named it; `rubric` the hex sha256 of the text it judged by.
    """

    gate_id: str
    judge: str
    rubric: str
    judgements: tuple[Judgement, ...] = ()
