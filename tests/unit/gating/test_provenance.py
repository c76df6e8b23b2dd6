"""What a verdict says of how the two sides were trained, and that it is said on replay too."""

import dataclasses
import json
from collections.abc import Callable

import pytest

from harness.domain.manifest import GateManifest
from harness.domain.provenance import Contamination, Mismatch, Origin, Overlap, Provenance, Unlike
from harness.domain.run import ItemResult, Side
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict, Status
from harness.errors import InvalidComparison
from harness.gating.gate import decide
from harness.store.codec import decode_document, encode_document

Weigh = Callable[..., GateVerdict]
Recorded = Callable[..., tuple[GateManifest, dict[str, tuple[ItemResult, ...]]]]

PROMPTS = Mismatch(
    kind=Unlike.PROMPTS, found="100 % rag-3, asked under zero-shot", cure="train again", arms=("zero-shot",)
)
WEIGHTS = Mismatch(kind=Unlike.WEIGHTS, found="nf4, served on full", cure="merge anew")
RIGHT, WRONG = [1.0] * 80, [0.0] * 80


def origin(*mismatches: Mismatch, side: Side = Side.CANDIDATE, **fields: object) -> Origin:
    plain = Origin(label=f"./{side}", sides=(side,), contamination=Contamination.CLEAN, mismatches=mismatches)
    return dataclasses.replace(plain, **fields)  # type: ignore[arg-type]


def of(*origins: Origin, left_out: tuple[Overlap, ...] = ()) -> Provenance:
    return Provenance(origins=origins, left_out=left_out)


def test_a_regression_names_the_candidates_mismatch_as_its_probable_cause(weigh: Weigh) -> None:
    gate = weigh(RIGHT, WRONG, provenance=of(origin(PROMPTS)))
    (verdict,) = gate.verdicts
    assert verdict.status is Status.REGRESSED
    assert verdict.reason.endswith(
        "; probable cause: the candidate was trained on prompts unlike those served (100 % rag-3, asked "
        "under zero-shot)"
    )
    assert verdict.mismatches == (Unlike.PROMPTS,)
    assert "probable cause" in gate.reason


def test_what_passed_stays_passed_and_shows_the_mismatch(weigh: Weigh) -> None:
    gate = weigh(RIGHT, RIGHT, provenance=of(origin(WEIGHTS)))
    (verdict,) = gate.verdicts
    assert (gate.status, verdict.status) == (Status.PASSED, Status.PASSED)
    assert verdict.reason.endswith(
        "; the candidate was served on weights unlike those trained (nf4, served on full)"
    )
    assert gate.notes == (
        (
            "the candidate ./candidate was served on weights unlike those trained (nf4, served on full); "
            "merge anew"
        ),
    )


def test_the_baselines_mismatch_is_said_and_is_no_cause_of_a_regression(weigh: Weigh) -> None:
    (verdict,) = weigh(RIGHT, WRONG, provenance=of(origin(PROMPTS, side=Side.BASELINE))).verdicts
    assert "; the baseline was trained on prompts unlike those served (" in verdict.reason
    assert "cause" not in verdict.reason


def test_a_mismatch_of_the_anchor_does_not_touch_what_is_asked_of_the_baseline(weigh: Weigh) -> None:
    gate = weigh(RIGHT, RIGHT, RIGHT, provenance=of(origin(WEIGHTS, side=Side.ANCHOR)))
    assert [(each.against, each.mismatches) for each in gate.verdicts] == [
        (Side.BASELINE, ()),
        (Side.ANCHOR, (Unlike.WEIGHTS,)),
    ]


@pytest.mark.parametrize(
    ("mismatch", "suite", "is_told"),
    [
        (PROMPTS, Suite.TARGET_METRIC, True),
        (PROMPTS, Suite.SCHEMA_VALIDITY, True),
        (PROMPTS, Suite.FORGETTING, False),
        (dataclasses.replace(PROMPTS, arms=("rag-3",)), Suite.TARGET_METRIC, False),
        (WEIGHTS, Suite.TARGET_METRIC, True),
        (WEIGHTS, Suite.FORGETTING, True),
    ],
)
def test_a_mismatch_is_told_where_it_concerns_what_is_asked(
    mismatch: Mismatch,
    suite: Suite,
    is_told: bool,  # noqa: FBT001 - a column of the table
    weigh: Weigh,
) -> None:
    (verdict,) = weigh(RIGHT, RIGHT, suite=suite, provenance=of(origin(mismatch))).verdicts
    assert (mismatch.kind in verdict.reason, bool(verdict.mismatches)) == (is_told, is_told)


def test_items_left_out_are_counted_in_the_sentence_and_their_first_and_guilty_are_noted(
    weigh: Weigh,
) -> None:
    found = (Overlap(subject="sums", item_ids=("i90", "i91")),)
    learnt = origin(contamination=Contamination.FOUND, overlaps=found)
    gate = weigh(RIGHT, RIGHT, provenance=of(learnt, origin(side=Side.BASELINE), left_out=found))
    assert gate.verdicts[0].reason.endswith("; without 2 items that were trained on")
    assert gate.notes == (
        "2 items of sums, first 'i90', left out for all sides: trained on by the candidate ./candidate",
    )


def test_unknown_contamination_is_told_of_each_that_was_tuned_and_in_one_line_of_all_others(
    weigh: Weigh,
) -> None:
    unknown = Contamination.UNKNOWN
    gate = weigh(
        RIGHT,
        RIGHT,
        provenance=of(
            origin(contamination=unknown, is_tuned=True),
            origin(contamination=unknown, side=Side.BASELINE, label="smollm2-135m"),
            origin(contamination=unknown, side=Side.ANCHOR, label="http://host/v1#m"),
        ),
    )
    assert gate.status is Status.PASSED
    assert gate.notes == (
        (
            "contamination unknown: the candidate ./candidate carries no record of what it was trained on, "
            "so these items may be among it; weighbridge train leaves one beside the weights"
        ),
        "contamination unknown for smollm2-135m (baseline), http://host/v1#m (anchor): no training record",
    )


def test_what_was_known_comes_back_from_the_manifest_and_gives_the_same_verdict(recorded: Recorded) -> None:
    found = (Overlap(subject="sums", item_ids=("i90",)),)
    manifest, results = recorded(
        {"sums": (RIGHT, WRONG)}, provenance=of(origin(PROMPTS, WEIGHTS, overlaps=found), left_out=found)
    )
    again = decode_document(encode_document(manifest), GateManifest)
    assert again == manifest
    first, replayed = (decide(each, results.__getitem__) for each in (manifest, again))
    assert first == replayed
    assert decode_document(encode_document(first), GateVerdict) == first


def test_a_manifest_of_before_knows_nothing_and_says_nothing(recorded: Recorded) -> None:
    manifest, results = recorded({"sums": (RIGHT, RIGHT)})
    content = encode_document(manifest)
    document = json.loads(content)
    del document["provenance"]
    old = decode_document(json.dumps(document).encode(), GateManifest)
    assert old.provenance == Provenance()
    assert decide(old, results.__getitem__).notes == ()


def test_an_overlap_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidComparison, match="names no item"):
        Overlap(subject="sums", item_ids=())
