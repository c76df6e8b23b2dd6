import math
import posixpath
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.domain.verdict import Evidence
from reports.gate.figures import figures, path
from tests.unit.reports.gate.conftest import HOSTILE, MakeRecord

QUESTION = "target-metric/sums/zero-shot"
FIT_FOR_MLFLOW = re.compile(r"[\w/. -]{1,250}", re.ASCII)


@given(st.lists(st.text(max_size=80), min_size=1, max_size=3))
def test_every_path_is_fit_for_a_tracker(names: list[str]) -> None:
    made = path(*names)
    assert FIT_FOR_MLFLOW.fullmatch(made)
    assert posixpath.normpath(made) == made
    assert len(made.split("/")) == len(names)


@given(st.text(max_size=80), st.text(max_size=80))
def test_unlike_names_stay_unlike(one: str, other: str) -> None:
    assert (path(one) == path(other)) == (one == other)


def test_a_question_is_told_in_figures_with_units(a_record: MakeRecord) -> None:
    record = a_record()
    assert record.verdict is not None
    told = figures(record).metrics
    assert told[f"{QUESTION}/passed"] == 0.0
    assert told[f"{QUESTION}/items"] == (record.verdict.verdicts[0].evidence or _never()).n
    change = told[f"{QUESTION}/candidate"] - told[f"{QUESTION}/baseline"]
    assert told[f"{QUESTION}/change_points"] == pytest.approx(100 * change)
    assert told[f"{QUESTION}/change_points_low"] < told[f"{QUESTION}/change_points_high"]
    assert told["mean/sums/zero-shot/baseline/target/mean"] == 1.0
    assert told["mean/sums/zero-shot/candidate/target/wording"] == 1.0
    assert told["tokens/sums/zero-shot/candidate/completion_tokens"] == 2.0


def test_a_bound_that_is_infinite_has_no_figure(a_record: MakeRecord) -> None:
    record = a_record()
    assert record.verdict is not None
    unbound = replace(record.verdict.verdicts[0].evidence or _never(), interval=(-math.inf, 0.0))
    verdict = replace(record.verdict.verdicts[0], evidence=unbound)
    told = figures(replace(record, verdict=replace(record.verdict, verdicts=(verdict,)))).metrics
    assert f"{QUESTION}/change_points_low" not in told
    assert all(map(math.isfinite, told.values()))


def test_the_tags_hold_the_answer_and_what_was_asked_by_content(a_record: MakeRecord) -> None:
    record = a_record()
    told = figures(record)
    run = record.manifest.runs[0]
    assert told.tags["weighbridge.status"] == "REGRESSED"
    assert told.tags["weighbridge.digest.of.sums"] == run.subject_digest
    assert told.tags["weighbridge.digest.baseline"] == run.candidate.checkpoint.digest
    assert told.params["candidate"] == "the-candidate"
    assert told.params["arms"] == "zero-shot"


def test_hostile_words_are_harmless_in_every_text(a_record: MakeRecord) -> None:
    record = a_record()
    assert record.verdict is not None
    verdict = replace(record.verdict, reason=HOSTILE)
    manifest = replace(record.manifest, environment={HOSTILE: HOSTILE})
    told = figures(replace(record, verdict=verdict, manifest=manifest))
    assert all(text.isprintable() for text in (*told.tags, *told.tags.values(), *told.params.values()))


def _never() -> Evidence:
    raise AssertionError("the record has evidence")
