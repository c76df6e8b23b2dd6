from dataclasses import replace

import pytest
import yaml
from markdown_it import MarkdownIt

from harness import UsageError
from harness.domain.arm import parse_arm
from harness.domain.run import Side
from reports.gate.model_card import model_card
from tests.unit.reports.gate.conftest import HOSTILE, ITEMS, MakeRecord

MINE = """---
license: apache-2.0
model-index:
- name: my-model
  results:
  - task:
      type: text-generation
    dataset:
      name: Other
      type: other
    metrics:
    - type: accuracy
      value: 0.5
      args: of another form
---

# My model

Words of mine.
"""


def header(card: str) -> dict[str, object]:
    told = yaml.safe_load(card.split("---\n")[1])
    assert isinstance(told, dict)
    return told


def test_a_new_card_has_the_verdict_the_intervals_and_how_to_reproduce(a_record: MakeRecord) -> None:
    record = a_record()
    card = model_card(record, "", name="merged")
    assert "### REGRESSED: " in card
    assert f"| sums | zero\\-shot | baseline | target score | {ITEMS} | 1.000 | " in card
    assert "weighbridge gate --checkpoint the-candidate --baseline the-baseline --arms zero-shot" in card
    assert "weighbridge verify results/gates/g-1" in card
    assert record.manifest.runs[0].subject_digest in card


def test_a_baseline_with_an_arm_of_its_own_is_reproduced_with_it(a_record: MakeRecord) -> None:
    record = a_record(arms=("rag-3",))
    runs = tuple(
        replace(run, candidate=replace(run.candidate, arm=parse_arm("zero-shot")))
        if run.side is Side.BASELINE
        else run
        for run in record.manifest.runs
    )
    assert "--baseline-arm" not in model_card(record, "", name="merged")
    apart = replace(record, manifest=replace(record.manifest, runs=runs))
    assert "--arms rag-3 --baseline-arm zero-shot " in model_card(apart, "", name="merged")


def test_the_hub_reads_the_candidates_means_with_their_intervals(a_record: MakeRecord) -> None:
    (index,) = header(model_card(a_record(), "", name="merged"))["model-index"]  # type: ignore[misc]
    assert index["name"] == "merged"
    (result,) = index["results"]
    assert result["dataset"]["type"] == "weighbridge/sums"
    metrics = {each["type"]: each for each in result["metrics"]}
    low, high = metrics["target"]["args"]["interval_95"]
    assert low < metrics["target"]["value"] < high
    assert metrics["target"]["args"]["items"] == ITEMS


def test_written_again_only_what_is_ours_is_replaced(a_record: MakeRecord) -> None:
    once = model_card(a_record(), MINE, name="merged")
    again = model_card(a_record(), once.replace("REGRESSED", "OUTDATED") + "\nMore of mine.\n", name="merged")
    assert "OUTDATED" not in again
    assert again.startswith("---\nlicense: apache-2.0\n")
    assert "Words of mine." in again
    assert again.endswith("\nMore of mine.\n")
    (index,) = header(again)["model-index"]  # type: ignore[misc]
    assert index["name"] == "my-model"
    assert [each["dataset"]["name"] for each in index["results"]] == ["Other", "sums x zero-shot"]
    assert model_card(a_record(), once, name="merged") == once


def test_a_section_of_mine_without_a_header_is_kept(a_record: MakeRecord) -> None:
    card = model_card(a_record(), "# Only words\n", name="merged")
    assert "# Only words" in card
    assert header(card)["model-index"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("---\n- a list\n---\n", "mend the YAML"),
        ("---\nmodel-index: [{}]\n---\n", "mend the YAML"),
        ("---\na: [\n---\n", "mend the YAML"),
        ("x\n<!-- weighbridge: end -->\ny", "leave one of each"),
    ],
)
def test_a_card_that_cannot_be_kept_is_refused(text: str, sentence: str, a_record: MakeRecord) -> None:
    with pytest.raises(UsageError, match=sentence):
        model_card(a_record(), text, name="merged")


def test_hostile_words_leave_neither_the_header_nor_their_line(a_record: MakeRecord) -> None:
    record = a_record()
    assert record.verdict is not None
    hostile = f"{HOSTILE}\n---\n# Safe\n<!-- weighbridge: end -->\n"
    runs = tuple(
        replace(
            run,
            candidate=replace(
                run.candidate, checkpoint=replace(run.candidate.checkpoint, label=f"{run.side} {hostile}")
            ),
        )
        for run in record.manifest.runs
    )
    record = replace(
        record,
        verdict=replace(record.verdict, reason=hostile),
        manifest=replace(record.manifest, runs=runs),
    )
    card = model_card(record, MINE, name="merged")
    again = model_card(record, card, name="merged")
    assert again == card
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(card.split("\n---\n", maxsplit=1)[1])
    assert "<script" not in shown
    assert "<h1>Safe" not in shown
