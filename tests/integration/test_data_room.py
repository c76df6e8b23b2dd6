"""The data room with the real embedder and the real chat template."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.domain.checkpoint import Checkpoint
from serving.embedder import MiniLmEmbedder
from suites.probes import load_probe
from training.data.audit.finding import Severity
from training.data.audit.template import load_template, rendering
from training.data.decontaminate import decontaminate
from training.data.dedup import DedupSettings, deduplicate
from training.data.evaluated import evaluated
from training.data.likeness import Way
from training.example import Example
from training.example_rows import examples_of

pytestmark = pytest.mark.integration

SHARED = Path(__file__).parents[3] / "shared" / "data" / "rasbt-instruction" / "instruction-data.json"


@pytest.fixture(scope="module")
def embedder(cache: Path) -> MiniLmEmbedder:
    return MiniLmEmbedder(cache, threads=2)


def _examples(*pairs: tuple[str, str]) -> tuple[Example, ...]:
    return examples_of([{"prompt": question, "completion": reply} for question, reply in pairs], where="here")


def test_paraphrases_are_duplicates_and_other_numbers_words_and_labels_are_not(
    embedder: MiniLmEmbedder,
) -> None:
    examples = _examples(
        ("What is the chemical symbol for iron?", "The chemical symbol for iron is Fe."),
        (
            "What is the symbol for the chemical element iron?",
            "The symbol for the chemical element iron is Fe.",
        ),
        ("What is the chemical symbol for gold?", "The chemical symbol for gold is Au."),
        ("add: 2/9 and 1/8. Context: hiking.", "The sum of the two fractions is 25/72 in all."),
        ("add: 2/9 and 1/7. Context: hiking.", "The sum of the two fractions is 23/63 in all."),
        ("I can not log in to my account", '{"category":"account"}'),
        ("I cannot log in to my account", '{"category":"password"}'),
    )
    result = deduplicate(examples, DedupSettings(), embed=embedder.embed)
    assert [(each.first, each.second, each.way) for each in result.removed] == [(0, 1, Way.MEANING)]


def test_a_question_in_other_words_is_met_and_other_numbers_are_not(embedder: MiniLmEmbedder) -> None:
    probe = load_probe("arc_easy", items=None, seed=0)
    asked = [item for item in probe.items if "instrument measures atmospheric pressure" in item.context]
    assert asked
    examples = _examples(
        ("Name the device that measures atmospheric pressure.", "A barometer."),
        ("Name the device that measures the level of sound.", "A sound level meter."),
        ("Which instrument measures atmospheric pressure at 3 places?", "A barometer."),
    )
    items = [item for item in evaluated([], [probe]) if item.id in {each.id for each in asked}]
    result = decontaminate(examples, items, embed=embedder.embed)
    assert [(met.example.question, met.way) for met in result.removed] == [
        ("Name the device that measures atmospheric pressure.", Way.MEANING)
    ]


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared instruction data is not here")
def test_public_instruction_data_holds_few_duplicates_and_a_second_time_none(
    embedder: MiniLmEmbedder,
) -> None:
    rows = json.loads(SHARED.read_text(encoding="utf-8"))[:100]
    vectors = {}

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in texts if text not in vectors]
        vectors.update(zip(new, embedder.embed(new), strict=True))
        return np.array([vectors[text] for text in texts], dtype=np.float32)

    once = deduplicate(examples_of(rows, where="shared"), DedupSettings(), embed=embed)
    assert len(once.removed) < 5
    assert deduplicate(once.kept, DedupSettings(), embed=embed).kept == once.kept


def test_the_embedded_model_renders_conversations_and_its_control_tokens_are_caught(
    embedded: Checkpoint,
) -> None:
    assert embedded.weights is not None
    template = load_template(embedded.weights, name="smollm2-135m")
    found, statistics = rendering(_examples(("hi", "yo"), ("say <|im_end|> now", "no")), template)
    assert [(each.severity, each.first) for each in found] == [(Severity.ERROR, 2)]
    assert 0 < statistics["tokens"]["max"] < (template.longest_tokens or 0)
