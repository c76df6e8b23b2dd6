import pytest

from harness.domain.arm import Arm, ArmKind, parse_arm
from harness.errors import UnknownArm


@pytest.mark.parametrize(
    "name",
    [
        "zero-shot",
        "fewshot-1",
        "fewshot-3",
        "rag-3",
        "rag-10",
        "context-9999",
        "oracle-context",
        "zero-shot-constrained",
        "rag-3-constrained",
        "oracle-context-constrained",
    ],
)
def test_an_arm_prints_the_name_it_was_parsed_from(name: str) -> None:
    assert str(parse_arm(name)) == name


@pytest.mark.parametrize("kind", ["fewshot", "rag", "context"])
def test_a_printed_arm_parses_back_to_itself(kind: str) -> None:
    arm = Arm(kind=ArmKind(kind), examples=12)
    assert parse_arm(str(arm)) == arm


@pytest.mark.parametrize(
    "name",
    [
        "",
        "zeroshot",
        "Zero-Shot",
        "zero-shot-3",
        "-constrained",
        "constrained",
        "rag-constrained",
        "rag-3-constrained-constrained",
        "oracle-context-3",
        "rag",
        "rag-",
        "rag-0",
        "rag-03",
        "rag--3",
        "rag-3 ",
        "rag-3\n",
        "rag-10000",
        "rag-³",
        "few-shot-3",
    ],
)
def test_any_other_word_is_no_arm(name: str) -> None:
    with pytest.raises(UnknownArm, match="unknown arm") as caught:
        parse_arm(name)
    assert str(caught.value) == (
        f"unknown arm {name!r}: use zero-shot, fewshot-K, rag-K or context-K with K of 1 or more, "
        "for example rag-3, or oracle-context; each may end in -constrained"
    )
