"""Parity of real weights, of a real tokenizer, and of a real server."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness import Checkpoint, Endpoint, Message, Precision, Role, ServingError
from harness.domain.arm import parse_arm
from harness.experiments.parity import ParityRequest, run_parity
from harness.experiments.progress import Silent
from harness.experiments.request import places
from serving.served_tokens import served_ids, served_logprobs
from serving.vllm_server import VllmServer
from tests.fakes.tiny_llama import TEMPLATE, write_tiny_adapter, write_tiny_base
from training.certificate import Certificate, write_certificate
from training.chat_template import template_digest
from training.conversation import Conversation
from training.distance import distance
from training.merge import MergeBase
from training.parity import SERVED_LIMIT, read_parity
from training.parity_weights import Placement, WeightsJob, measure, reply_distributions
from training.renders import Tokens, TrainingRender, compare_renders

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

_ASKED = tuple(
    Conversation(
        id=f"c{number}",
        arm="zero-shot",
        prompt=(
            Message(role=Role.SYSTEM, content="You add fractions."),
            Message(role=Role.USER, content=f"What is 1/2 + 1/{number}?"),
        ),
        completion=f'{{"answer": "{number + 2}/{2 * number}"}}',
    )
    for number in (3, 5, 7)
)


@pytest.fixture(scope="module")
def tiny(
    tmp_path_factory: pytest.TempPathFactory, a_certificate: Callable[..., Certificate]
) -> tuple[Path, Path]:
    """A tiny base, and an adapter of it that says it was trained in NF4."""
    root = tmp_path_factory.mktemp("parity")
    base = write_tiny_base(root / "base")
    adapter = write_tiny_adapter(base, root / "adapter")
    certificate = a_certificate(base_digest="", task="fractions", template_digest=template_digest(TEMPLATE))
    write_certificate(adapter, certificate, frozenset())
    return base, adapter


def test_only_the_dequantised_base_gives_what_was_trained_on_four_bits(tiny: tuple[Path, Path]) -> None:
    base, adapter = tiny
    job = WeightsJob(
        base=str(base),
        adapter=str(adapter),
        precision=Precision.FLOAT32,
        placements=(Placement.BESIDE_4BIT, *(each for each in Placement if each != Placement.BESIDE_4BIT)),
        tokens=tuple(map(TrainingRender(base).tokens, _ASKED)),
    )
    measured = {each.placement: each for each in measure(job)}
    kl = {placement: each.kl for placement, each in measured.items()}
    trained, merged = measured[Placement.BESIDE_4BIT], measured[Placement.MERGED_DEQUANTISED]
    assert distance(trained.logprobs, merged.logprobs).max_delta < 1e-3
    assert abs(kl[Placement.MERGED_DEQUANTISED]) < 1e-5
    assert kl[Placement.MERGED_FULL] == pytest.approx(kl[Placement.BESIDE_FULL], rel=1e-3)
    assert kl[Placement.MERGED_FULL] > 0.05
    assert kl[Placement.IN_PLACE] > 0.05


@pytest.mark.parametrize(
    ("into", "holds"), [(MergeBase.AS_TRAINED, True), (MergeBase.FULL, False)], ids=["as-trained", "full"]
)
def test_the_record_beside_the_adapter_says_which_base_to_merge_into(
    tiny: tuple[Path, Path], tmp_path: Path, into: MergeBase, *, holds: bool
) -> None:
    adapter = tiny[1]
    request = ParityRequest(
        checkpoint=str(adapter),
        places=places(tmp_path),
        arms=(parse_arm("zero-shot"), parse_arm("fewshot-1")),
        conversations=4,
        into=into,
        precision=Precision.BFLOAT16,
        server=False,
    )
    found = run_parity(request, Silent())
    assert read_parity(adapter) == found
    assert (found.holds, found.best, found.conversations) == (holds, MergeBase.DEQUANTISED, 4)
    assert [finding.partition(":")[0] for finding in found.findings] == (
        [] if holds else ["served on weights unlike those trained"]
    )


@pytest.mark.parametrize(
    ("right", "wrong", "differing"),
    [
        ("<|im_end|>\n", "<|endoftext|>\n", ("<|im_end|>", "<|endoftext|>")),
        ("{{ m['role'] }}\n", "{{ m['role'] }}", ("\n", "Y")),
    ],
)
def test_a_template_with_one_wrong_token_is_caught_naming_the_token(
    tiny: tuple[Path, Path], tmp_path: Path, right: str, wrong: str, differing: tuple[str, str]
) -> None:
    base = tiny[0]
    other = Path(shutil.copytree(base, tmp_path / "other"))
    (other / "chat_template.jinja").write_text(TEMPLATE.replace(right, wrong))
    trained, served = TrainingRender(base), TrainingRender(other)
    found = compare_renders(trained, _ASKED, served.ids)
    assert found is not None
    assert found.conversation == "c3"
    assert (found.trained, found.served) == differing
    assert compare_renders(trained, _ASKED, trained.ids) is None


def test_a_real_server_renders_as_training_does_and_holds_the_weights_it_should(
    embedded: Checkpoint, vllm: VllmServer, tmp_path: Path
) -> None:
    assert embedded.weights is not None
    endpoint = vllm.endpoint("good")
    render = TrainingRender(embedded.weights)
    assert compare_renders(render, _ASKED, lambda turns, ask: served_ids(endpoint, turns, ask=ask)) is None

    other = Path(shutil.copytree(embedded.weights, tmp_path / "other"))
    template = (other / "chat_template.jinja").read_text()
    (other / "chat_template.jinja").write_text(template.replace("<|im_end|>", "<|endoftext|>"))
    found = compare_renders(
        TrainingRender(other), _ASKED, lambda turns, ask: served_ids(endpoint, turns, ask=ask)
    )
    assert found is not None
    assert (found.trained, found.served) == ("<|endoftext|>", "<|im_end|>")

    tokens = tuple(map(render.tokens, _ASKED))
    served = [served_logprobs(endpoint, each.whole)[each.start - 1 :] for each in tokens]
    assert distance(_logprobs(embedded.weights, tokens), served).mean_delta < SERVED_LIMIT


def test_a_model_that_the_server_does_not_know_is_one_sentence(vllm: VllmServer) -> None:
    nowhere = Endpoint(url=vllm.url, model="nobody")
    with pytest.raises(ServingError, match="does not say how it renders prompts of model 'nobody'"):
        served_ids(nowhere, _ASKED[0].prompt, ask=True)
    with pytest.raises(ServingError, match="gave no log-probabilities"):
        served_logprobs(nowhere, [1, 2, 3])


def _logprobs(weights: Path, tokens: Sequence[Tokens]) -> list[list[float]]:
    """What the same weights give to the replies in float32."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float32)
    return [
        [
            float(at[token])
            for at, token in zip(reply_distributions(model, each), each.whole[each.start :], strict=True)
        ]
        for each in tokens
    ]
