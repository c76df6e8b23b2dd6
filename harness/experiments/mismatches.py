"""A certificate and how a checkpoint is to be asked -> in what the two are unlike."""

from collections.abc import Iterator, Mapping

from harness.domain.arm import ArmKind, parse_arm
from harness.domain.provenance import Mismatch, Unlike
from harness.errors import UnknownArm
from harness.experiments.members import Member
from training.certificate import Certificate
from training.chat_template import chat_template, template_digest
from training.merge import MergeBase

TRAINED_SHARE = 0.1
"""The share of training prompts from which on an arm counts as one that was trained."""

_NF4 = "nf4"
_BASES = {MergeBase.FULL: "full-precision", MergeBase.DEQUANTISED: "dequantised 4-bit"}


def mismatches(member: Member, certificate: Certificate) -> tuple[Mismatch, ...]:
    """Return every way in which `member` is asked unlike its certificate says it was trained.

    What the certificate does not say is no mismatch.
    """
    found = (
        *_unlike_prompts(member, certificate),
        *_unlike_weights(member, certificate),
        *_unlike_template(member, certificate),
    )
    return tuple(found)


def _unlike_prompts(member: Member, certificate: Certificate) -> Iterator[Mismatch]:
    """Arms of a kind that too few training prompts were rendered through; rag-1 stands for rag-3."""
    shares = _shares(certificate.prompt_arms)
    lacking = tuple(str(arm) for arm in member.arms if shares.get(arm.kind, 0.0) < TRAINED_SHARE)
    if not shares or not lacking:
        return
    trained = ", ".join(f"{100 * share:.3g} % {name}" for name, share in certificate.prompt_arms.items())
    asked = " and ".join(lacking)
    yield Mismatch(
        kind=Unlike.PROMPTS,
        found=f"training prompts were {trained}, and it is asked under {asked}",
        cure=(
            f"give {asked} a share of {TRAINED_SHARE:g} or more under prompt_arms in the recipe and train "
            "again, or ask under arms it was trained on"
        ),
        arms=lacking,
    )


def _shares(prompt_arms: Mapping[str, float]) -> dict[ArmKind, float]:
    shares: dict[ArmKind, float] = {}
    for name, share in prompt_arms.items():
        try:
            kind = parse_arm(name).kind
        except UnknownArm:
            continue  # nothing that can be asked here
        shares[kind] = shares.get(kind, 0.0) + share
    return shares


def _unlike_weights(member: Member, certificate: Certificate) -> Iterator[Mismatch]:
    """An adapter learns to make up for the rounding of a 4-bit base, and for none of a full one."""
    trained = MergeBase.DEQUANTISED if certificate.quantization == _NF4 else MergeBase.FULL
    served = member.into or _merged_before(certificate)
    if served is None or served is trained:
        return
    again = "leave out --merge-into, and it is merged as trained"
    yield Mismatch(
        kind=Unlike.WEIGHTS,
        found=f"trained on the {_BASES[trained]} base, served on the {_BASES[served]} one",
        cure=again if member.into else "merge its adapter anew, as trained",
    )


def _merged_before(certificate: Certificate) -> MergeBase | None:
    """What a folder of merged weights says they were merged into."""
    return next((base for base in _BASES if base == certificate.merged_into), None)


def _unlike_template(member: Member, certificate: Certificate) -> Iterator[Mismatch]:
    weights, trained = member.checkpoint.weights, certificate.template_digest
    if weights is None or not trained or not member.arms:
        return
    template = chat_template(weights)
    served = "" if template is None else template_digest(template)
    if served == trained:
        return
    shown = f"template {served[:12]}" if served else "none"
    yield Mismatch(
        kind=Unlike.TEMPLATE,
        found=f"trained with template {trained[:12]}, served with {shown}",
        cure="put the chat template it was trained with beside the weights that are served",
        arms=tuple(map(str, member.arms)),
    )
