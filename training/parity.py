"""Whether an adapter is served as it was trained: what was measured, and what follows from it.

Kept as `parity.json` in the adapter's folder, with the digests it holds for.  Deciding is
pure; reading and writing are apart.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from harness import Precision, UnknownCheckpoint
from training.certificate import Certificate
from training.distance import Distance, ServedWeights, distance
from training.merge import MergeBase
from training.parity_weights import Placement, ReplyLogprobs
from training.renders import TokenDifference

PARITY = "parity.json"

KL_LIMIT = 0.05
"""Most mean divergence of merged weights from what was trained, in nats a token: decision 0026."""

SERVED_LIMIT = 0.15
"""Most mean |difference| a token between a server and what was trained, in nats: decision 0026."""

_FORMAT_VERSION = 1
_MERGED = {MergeBase.FULL: Placement.MERGED_FULL, MergeBase.DEQUANTISED: Placement.MERGED_DEQUANTISED}
_APART = {Placement.MERGED_FULL: Placement.BESIDE_FULL, Placement.MERGED_DEQUANTISED: Placement.BESIDE_4BIT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """What was compared, how far apart it was found, and the findings that follow, none if it holds.

    `distances` are those of every placement of the adapter from the `trained` one.  `into` is
    what was to be merged into and `best` what comes nearest to what was trained.  `served` is
    None where no server was asked, and `difference` where its tokens were those of training.
    """

    created_at: str
    adapter_digest: str
    base_digest: str
    template_digest: str
    arms: tuple[str, ...]
    conversations: int
    precision: Precision
    trained: Placement
    into: MergeBase
    best: MergeBase | None = None
    reply_tokens: int = 0
    distances: Mapping[Placement, Distance] = field(default_factory=dict)
    difference: TokenDifference | None = None
    served: ServedWeights | None = None
    findings: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it is served as it was trained, as far as was looked."""
        return not self.findings


def trained_placement(certificate: Certificate | None) -> Placement:
    """Return what was trained: the adapter on its base in the form its certificate names."""
    is_nf4 = certificate is not None and certificate.quantization == "nf4"
    return Placement.BESIDE_4BIT if is_nf4 else Placement.BESIDE_FULL


def judged(parity: Parity, measured: Sequence[ReplyLogprobs], certificate: Certificate | None) -> Parity:
    """Return `parity` with the distances that were measured and the findings that follow.

    The first of `measured` is what was trained.
    """
    trained = measured[0].logprobs
    found = {each.placement: distance(trained, each.logprobs, each.kl) for each in measured}
    best = min(_MERGED, key=lambda base: found[_MERGED[base]].kl or 0.0)
    seen = replace(parity, distances=found, best=best, reply_tokens=sum(map(len, trained)))
    said = (
        _template_changed(seen, certificate),
        _rendered_otherwise(seen),
        _merged_elsewhere(seen),
        _served_elsewhere(seen),
    )
    return replace(seen, findings=tuple(sentence for sentence in said if sentence is not None))


def write_parity(adapter: Path, parity: Parity) -> None:
    """Leave the record in the adapter's folder, whole or not at all."""
    draft = adapter / f".{PARITY}.draft"
    try:
        draft.write_text(json.dumps({"format_version": _FORMAT_VERSION, **asdict(parity)}, indent=2) + "\n")
        draft.replace(adapter / PARITY)
    finally:
        draft.unlink(missing_ok=True)


def read_parity(adapter: Path) -> Parity | None:
    """Return the record in the adapter's folder, None where there is none.

    It holds for the adapter and base whose digests it names and for no others.  Raises
    `UnknownCheckpoint` for one that cannot be read.
    """
    import msgspec

    path = adapter / PARITY
    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_bytes())
        version = document.pop("format_version")
        if version == _FORMAT_VERSION:
            return msgspec.convert(document, Parity)
    except (ValueError, TypeError, AttributeError, KeyError, msgspec.ValidationError) as error:
        raise UnknownCheckpoint(
            f"{path} cannot be read ({error}): run weighbridge parity --checkpoint {adapter} again"
        ) from error
    raise UnknownCheckpoint(
        f"{path} has format {version}, this program reads {_FORMAT_VERSION}: upgrade weighbridge"
    )


def _template_changed(parity: Parity, certificate: Certificate | None) -> str | None:
    trained = certificate.template_digest if certificate is not None else ""
    if not trained or trained == parity.template_digest:
        return None
    return (
        f"prompted through another chat template than trained: the base's template is "
        f"{parity.template_digest[:12]}, the certificate names {trained[:12]}; put back the template it was "
        "trained with"
    )


def _rendered_otherwise(parity: Parity) -> str | None:
    if parity.difference is None:
        return None
    return (
        f"prompted through another chat template than trained: {parity.difference}; give the server the "
        "base's own chat template"
    )


def _merged_elsewhere(parity: Parity) -> str | None:
    chosen = _MERGED[parity.into]
    best = _MERGED[parity.best or parity.into]
    if _kl(parity, chosen) <= KL_LIMIT:
        return None
    cure = f"merge into the {parity.best} base ({_figures(parity, best)})"
    if _kl(parity, best) > KL_LIMIT:
        cure = f"no merge comes near, so serve it as {_APART[best]}"
    return (
        f"served on weights unlike those trained: {chosen} ({_figures(parity, chosen)}) it is not what was "
        f"trained, {parity.trained} (loss {parity.distances[parity.trained].loss:.3f}); {cure}"
    )


def _served_elsewhere(parity: Parity) -> str | None:
    served = parity.served
    if served is None or served.distance.mean_delta <= SERVED_LIMIT:
        return None
    return (
        f"served on weights unlike those trained: {served.name} is {served.distance.mean_delta:.3f} nats a "
        f"token (largest {served.distance.max_delta:.2f}) from what was trained, {parity.trained}, and "
        f"{served.nearest_delta:.3f} from the adapter {served.nearest}; serve what is merged into the "
        f"{parity.best} base"
    )


def _kl(parity: Parity, placement: Placement) -> float:
    return parity.distances[placement].kl or 0.0


def _figures(parity: Parity, placement: Placement) -> str:
    return f"KL {_kl(parity, placement):.3f} nats a token, loss {parity.distances[placement].loss:.3f}"
