import dataclasses
import importlib
import pkgutil
from collections.abc import Callable

import msgspec
import pytest

import harness.domain
from harness.domain.arm import parse_arm
from harness.domain.checkpoint import Checkpoint, Endpoint
from harness.domain.run import Candidate


def nouns(kind: Callable[[type], bool]) -> list[type]:
    modules = (
        importlib.import_module(f"harness.domain.{found.name}")
        for found in pkgutil.iter_modules(harness.domain.__path__)
    )
    return [
        noun
        for module in modules
        for noun in vars(module).values()
        if isinstance(noun, type) and kind(noun) and noun.__module__ == module.__name__
    ]


@pytest.mark.parametrize("noun", nouns(dataclasses.is_dataclass), ids=lambda noun: noun.__name__)
def test_a_noun_is_frozen_slotted_and_keyword_only(noun: type) -> None:
    assert noun.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(noun)
    assert all(field.kw_only for field in dataclasses.fields(noun))


@pytest.mark.parametrize(
    "noun", nouns(lambda noun: issubclass(noun, msgspec.Struct)), ids=lambda noun: noun.__name__
)
def test_a_noun_there_is_one_of_per_item_is_frozen_and_keyword_only_too(noun: type[msgspec.Struct]) -> None:
    assert noun.__struct_config__.frozen
    assert noun.__struct_fields__
    assert not noun.__match_args__


def test_a_local_checkpoint_is_served_under_its_digest_and_never_under_its_label() -> None:
    checkpoint = Checkpoint(label="latest", digest="0123456789abcdef" * 4)
    assert checkpoint.served_name == "wb-0123456789abcdef"


def test_an_endpoint_is_asked_under_the_name_it_has_there() -> None:
    endpoint = Endpoint(url="http://localhost:8000/v1", model="theirs")
    assert Checkpoint(label="latest", digest="a" * 64, endpoint=endpoint).served_name == "theirs"


def test_a_candidate_reads_as_checkpoint_and_arm() -> None:
    checkpoint = Checkpoint(label="./merged", digest="a" * 64)
    assert str(Candidate(checkpoint=checkpoint, arm=parse_arm("rag-3"))) == "./merged x rag-3"
