"""In what a checkpoint is asked unlike it was trained."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from harness.domain.arm import parse_arm
from harness.domain.checkpoint import Checkpoint, Precision
from harness.domain.provenance import Mismatch, Unlike
from harness.domain.run import Side
from harness.experiments.members import Member
from harness.experiments.mismatches import mismatches
from training.certificate import Certificate, read_certificate
from training.chat_template import template_digest
from training.merge import MergeBase

TEMPLATE = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"


@pytest.fixture
def told(trained: Callable[..., Path]) -> Callable[..., Certificate]:
    """Makes a certificate."""

    def build(**fields: object) -> Certificate:
        found = read_certificate(trained("adapter", **fields))
        assert found is not None
        return found

    return build


def member(*arms: str, into: MergeBase | None = MergeBase.DEQUANTISED, weights: Path | None = None) -> Member:
    return Member(
        checkpoint=Checkpoint(
            label="base+adapter",
            digest="1" * 64,
            weights=weights or Path("absent"),
            precision=Precision.FLOAT32,
        ),
        sides=(Side.CANDIDATE,),
        arms=tuple(map(parse_arm, arms)),
        into=into,
    )


def kinds(found: tuple[Mismatch, ...]) -> list[Unlike]:
    return [each.kind for each in found]


@pytest.mark.parametrize(
    ("shares", "asked", "lacking"),
    [
        ({"zero-shot": 1.0}, ("zero-shot",), ()),
        ({"zero-shot": 1.0}, ("zero-shot", "rag-3", "rag-5"), ("rag-3", "rag-5")),
        ({"rag-3": 1.0}, ("zero-shot",), ("zero-shot",)),
        ({"zero-shot": 0.9, "rag-1": 0.1}, ("rag-3",), ()),
        ({"zero-shot": 0.91, "rag-1": 0.09}, ("rag-3",), ("rag-3",)),
        ({"zero-shot": 0.9, "rag-1": 0.05, "rag-5": 0.05}, ("rag-3",), ()),
        ({"zero-shot": 0.5, "rag-3": 0.5}, ("fewshot-3",), ("fewshot-3",)),
        ({"zero-shot": 0.5, "context-50": 0.5}, ("context-20",), ()),
        ({"zero-shot": 0.5, "telepathy-3": 0.5}, ("rag-3",), ("rag-3",)),
        ({}, ("rag-3",), ()),
        ({"zero-shot": 1.0}, (), ()),
    ],
)
def test_an_arm_was_trained_when_a_tenth_of_the_prompts_were_of_its_kind(
    shares: Mapping[str, float],
    asked: tuple[str, ...],
    lacking: tuple[str, ...],
    told: Callable[..., Certificate],
) -> None:
    found = mismatches(member(*asked), told(prompt_arms=shares))
    assert [each.arms for each in found] == ([lacking] if lacking else [])
    assert set(kinds(found)) <= {Unlike.PROMPTS}


def test_shares_and_cure_of_other_prompts_are_named(told: Callable[..., Certificate]) -> None:
    (found,) = mismatches(member("rag-3"), told(prompt_arms={"zero-shot": 0.95, "rag-1": 0.05}))
    assert found.found == "training prompts were 95 % zero-shot, 5 % rag-1, and it is asked under rag-3"
    assert found.cure == (
        "give rag-3 a share of 0.1 or more under prompt_arms in the recipe and train again, or ask under "
        "arms it was trained on"
    )


@pytest.mark.parametrize(
    ("quantization", "into", "merged_into", "is_unlike"),
    [
        ("nf4", MergeBase.DEQUANTISED, "", False),
        ("nf4", MergeBase.FULL, "", True),
        ("none", MergeBase.FULL, "", False),
        ("none", MergeBase.DEQUANTISED, "", True),
        ("nf4", None, "full", True),
        ("nf4", None, "dequantised", False),
        ("nf4", None, "", False),
        ("nf4", None, "something new", False),
    ],
)
def test_weights_are_those_of_training_when_the_base_is_held_as_it_was(
    quantization: str,
    into: MergeBase | None,
    merged_into: str,
    is_unlike: bool,  # noqa: FBT001 - a column of the table
    told: Callable[..., Certificate],
) -> None:
    certificate = told(quantization=quantization, merged_into=merged_into)
    found = mismatches(member("zero-shot", into=into), certificate)
    assert kinds(found) == [Unlike.WEIGHTS] * is_unlike
    assert all(each.arms == () for each in found)


def test_bases_and_cure_of_other_weights_are_named(told: Callable[..., Certificate]) -> None:
    (found,) = mismatches(member(into=MergeBase.FULL), told())
    assert found.found == "trained on the dequantised 4-bit base, served on the full-precision one"
    assert found.cure == "leave out --merge-into, and it is merged as trained"


@pytest.mark.parametrize("in_config", [True, False])
def test_another_chat_template_than_trained_is_told_by_its_digest(
    in_config: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
    told: Callable[..., Certificate],
) -> None:
    if in_config:
        (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": TEMPLATE}))
    else:
        (tmp_path / "chat_template.jinja").write_text(TEMPLATE)
    asked = member("zero-shot", weights=tmp_path)
    assert mismatches(asked, told(template_digest=template_digest(TEMPLATE))) == ()
    other = template_digest(TEMPLATE.replace("<|im_end|>", "</s>"))
    (found,) = mismatches(asked, told(template_digest=other))
    assert (found.kind, found.arms) == (Unlike.TEMPLATE, ("zero-shot",))
    assert found.found == (
        f"trained with template {other[:12]}, served with template {template_digest(TEMPLATE)[:12]}"
    )


def test_weights_without_a_template_are_unlike_what_was_trained_with_one(
    tmp_path: Path, told: Callable[..., Certificate]
) -> None:
    (found,) = mismatches(member("zero-shot", weights=tmp_path), told(template_digest="9" * 64))
    assert found.found == "trained with template 999999999999, served with none"


def test_what_is_asked_under_no_arm_knows_no_template(
    tmp_path: Path, told: Callable[..., Certificate]
) -> None:
    assert mismatches(member(weights=tmp_path), told(template_digest="9" * 64)) == ()
