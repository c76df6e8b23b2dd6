"""How far apart two ways to serve the same checkpoint are, on the same tokens."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from training.parity_weights import Placement, ReplyLogprobs
from training.renders import TokenDifference

Logprobs = Sequence[Sequence[float]]
"""Natural-log probabilities of the tokens of replies, by reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far one way to serve is from what was trained, in nats a token of the replies.

    `loss` is the mean negative log-probability.  `kl` is the mean divergence of what was
    trained from this, None where only the replies' own tokens were seen, as of a server.
    """

    loss: float
    kl: float | None
    mean_delta: float
    max_delta: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a server said: the first token it renders otherwise, and how likely it finds the replies."""

    name: str
    difference: TokenDifference | None
    logprobs: Logprobs


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedWeights:
    """How far a server is from what was trained, and the placement that it is nearest to."""

    name: str
    distance: Distance
    nearest: Placement
    nearest_delta: float


def distance(trained: Logprobs, other: Logprobs, kl: float | None = None) -> Distance:
    """Return how far `other` is from `trained`; both are of the same tokens."""
    pairs = [pair for one, two in zip(trained, other, strict=True) for pair in zip(one, two, strict=True)]
    deltas = [abs(one - two) for one, two in pairs]
    return Distance(
        loss=-math.fsum(two for _, two in pairs) / len(pairs),
        kl=kl,
        mean_delta=math.fsum(deltas) / len(deltas),
        max_delta=max(deltas),
    )


def served_weights(served: Served, measured: Sequence[ReplyLogprobs]) -> ServedWeights:
    """Return how far a server is from the first of `measured`, and which of them it is nearest to."""
    deltas = {each.placement: distance(each.logprobs, served.logprobs).mean_delta for each in measured}
    nearest = min(deltas, key=deltas.__getitem__)
    return ServedWeights(
        name=served.name,
        distance=distance(measured[0].logprobs, served.logprobs),
        nearest=nearest,
        nearest_delta=deltas[nearest],
    )
