"""A model card says what was exported; what came from outside stays data."""

import json
from collections.abc import Callable

import yaml

from training.certificate import Certificate
from training.merge import MergeBase
from training.model_card import Exported, model_card


def _card(certificate: Certificate | None, into: MergeBase | None = MergeBase.DEQUANTISED) -> str:
    return model_card(
        Exported(
            written_as="safetensors",
            into=into,
            adapter_digest="a" * 64,
            base_digest="b" * 64,
            certificate=certificate,
            parity=None,
        )
    )


def test_a_card_says_how_it_was_trained_and_what_it_was_merged_into(
    a_certificate: Callable[..., Certificate],
) -> None:
    card = _card(a_certificate())
    assert "merged into the base rounded to NF4 and brought back, as it was trained" in card
    assert "Trained on 4 examples, its base held in NF4, prompts rendered as 100 % zero-shot." in card
    assert "Whether it is served as it was trained was not measured" in card
    manifest = json.loads(card.split("```json\n")[1].split("\n```")[0])
    assert manifest["certificate"]["data_digest"] == "d" * 64
    assert manifest["merged_into"] == "dequantised"


def test_a_card_without_a_certificate_says_that_contamination_is_unknown() -> None:
    card = _card(None, into=None)
    assert "An adapter kept apart from its base" in card
    assert "contamination of evaluation items is unknown" in card


def test_names_from_outside_cannot_leave_their_place(a_certificate: Callable[..., Certificate]) -> None:
    hostile = "x\n---\n# Safe\n```\n<script>"
    card = _card(a_certificate(base=hostile, recipe={"base": hostile}, overrides=(hostile,)))
    header, body = card.removeprefix("---\n").split("\n---\n\n# Model card")
    assert yaml.safe_load(header)["base_model"] == hostile
    assert body.count("```") == 2
    assert "<script>" not in body.split("```json")[0]
    assert json.loads(body.split("```json\n")[1].split("\n```")[0])["certificate"]["base"] == hostile
