"""What follows from distances and differences, and that the record of it survives."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import Precision, UnknownCheckpoint
from training.certificate import Certificate
from training.distance import Served, distance, served_weights
from training.merge import MergeBase
from training.parity import PARITY, Parity, judged, read_parity, trained_placement, write_parity
from training.parity_weights import Placement, ReplyLogprobs
from training.renders import TokenDifference

_TRAINED = ((-1.0, -2.0), (-3.0,))
_ELSEWHERE = ((-1.5, -2.0), (-2.0,))


def _measured(full: float = 0.4, dequantised: float = 0.01) -> tuple[ReplyLogprobs, ...]:
    return (
        ReplyLogprobs(placement=Placement.BESIDE_4BIT, logprobs=_TRAINED, kl=0.0),
        ReplyLogprobs(placement=Placement.MERGED_FULL, logprobs=_ELSEWHERE, kl=full),
        ReplyLogprobs(placement=Placement.MERGED_DEQUANTISED, logprobs=_TRAINED, kl=dequantised),
    )


@pytest.fixture
def plain() -> Parity:
    return Parity(
        created_at="2026-11-25T09:00:00+00:00",
        adapter_digest="a" * 64,
        base_digest="b" * 64,
        template_digest="t" * 64,
        arms=("zero-shot",),
        conversations=2,
        precision=Precision.BFLOAT16,
        trained=Placement.BESIDE_4BIT,
        into=MergeBase.DEQUANTISED,
    )


def test_a_distance_is_taken_over_all_tokens_of_all_replies() -> None:
    found = distance(_TRAINED, _ELSEWHERE, 0.4)
    assert found.loss == pytest.approx(5.5 / 3)
    assert (found.mean_delta, found.max_delta, found.kl) == (0.5, 1.0, 0.4)


def test_replies_of_different_lengths_are_never_compared() -> None:
    with pytest.raises(ValueError, match="zip"):
        distance(_TRAINED, ((-1.0,), (-3.0,)))


def test_what_is_merged_as_trained_holds(plain: Parity, a_certificate: Callable[..., Certificate]) -> None:
    found = judged(plain, _measured(), a_certificate())
    assert found.holds
    assert found.best is MergeBase.DEQUANTISED
    assert found.reply_tokens == 3


def test_merging_into_the_other_base_is_found_out_with_its_figures(plain: Parity) -> None:
    (finding,) = judged(dataclasses.replace(plain, into=MergeBase.FULL), _measured(), None).findings
    assert finding == (
        "served on weights unlike those trained: merged into full (KL 0.400 nats a token, loss 1.833) it is "
        "not what was trained, adapter on 4-bit base (loss 2.000); merge into the dequantised base (KL 0.010 "
        "nats a token, loss 2.000)"
    )


def test_where_no_merge_comes_near_the_adapter_is_to_stay_apart(plain: Parity) -> None:
    (finding,) = judged(plain, _measured(dequantised=0.2), None).findings
    assert finding.endswith("no merge comes near, so serve it as adapter on 4-bit base")


def test_a_server_of_other_weights_is_found_out_by_what_it_is_nearest_to(plain: Parity) -> None:
    served = served_weights(Served(name="http://h/v1#m", difference=None, logprobs=_ELSEWHERE), _measured())
    assert (served.nearest, served.nearest_delta) == (Placement.MERGED_FULL, 0.0)
    (finding,) = judged(dataclasses.replace(plain, served=served), _measured(), None).findings
    assert finding.startswith("served on weights unlike those trained: http://h/v1#m is 0.500 nats a token")
    assert "0.000 from the adapter merged into full" in finding


def test_a_token_rendered_otherwise_is_a_finding(plain: Parity) -> None:
    difference = TokenDifference(
        conversation="g1", arm="zero-shot", position=3, trained="a", served="b", before="x"
    )
    (finding,) = judged(dataclasses.replace(plain, difference=difference), _measured(), None).findings
    assert "prompted through another chat template than trained: in conversation g1" in finding
    assert "token 3 is 'a' as trained and 'b' as served" in finding


def test_a_template_that_changed_since_training_is_a_finding(
    plain: Parity, a_certificate: Callable[..., Certificate]
) -> None:
    (finding,) = judged(plain, _measured(), a_certificate(template_digest="u" * 64)).findings
    assert f"the base's template is {'t' * 12}, the certificate names {'u' * 12}" in finding


@pytest.mark.parametrize(
    ("quantization", "expected"),
    [("nf4", Placement.BESIDE_4BIT), ("none", Placement.BESIDE_FULL)],
)
def test_what_was_trained_is_what_the_certificate_says(
    a_certificate: Callable[..., Certificate], quantization: str, expected: Placement
) -> None:
    assert trained_placement(a_certificate(quantization=quantization)) is expected
    assert trained_placement(None) is Placement.BESIDE_FULL


def test_the_record_is_read_back_as_it_was_written(plain: Parity, tmp_path: Path) -> None:
    served = served_weights(Served(name="s", difference=None, logprobs=_ELSEWHERE), _measured())
    written = judged(dataclasses.replace(plain, served=served), _measured(), None)
    write_parity(tmp_path, written)
    assert read_parity(tmp_path) == written
    assert [path.name for path in tmp_path.iterdir()] == [PARITY]


@pytest.mark.parametrize("content", ["{", "[]", '{"format_version": 7}', '{"format_version": 1}'])
def test_a_damaged_record_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / PARITY).write_text(content)
    with pytest.raises(UnknownCheckpoint, match=PARITY):
        read_parity(tmp_path)


def test_without_a_record_there_is_nothing_to_read(tmp_path: Path) -> None:
    assert read_parity(tmp_path) is None
