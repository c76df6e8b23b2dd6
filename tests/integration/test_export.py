"""What is exported loads again, generates, and says what was trained."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Precision, TrainingError, UnknownCheckpoint, UsageError
from harness.experiments.export import ExportRequest, run_export
from harness.experiments.progress import Silent
from harness.experiments.request import places
from tests.fakes.tiny_llama import write_tiny_adapter, write_tiny_base
from training.certificate import Certificate, read_certificate, read_shingles, write_certificate
from training.export import GGUF_FILE, ExportFormat, write_model
from training.gguf_file import write_gguf
from training.merge import MergeBase, merge_adapter

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, a_certificate: Callable[..., Certificate]) -> Path:
    """An adapter trained in NF4, its base beside it."""
    root = tmp_path_factory.mktemp("export")
    folder = write_tiny_adapter(write_tiny_base(root / "base"), root / "adapter")
    write_certificate(folder, a_certificate(base_digest=""), frozenset({7}))
    return folder


@pytest.fixture(scope="module")
def merged(adapter: Path) -> Path:
    """The adapter merged into what it was trained on."""
    return merge_adapter(
        adapter.parent / "base", adapter, adapter.parent / "merged", Precision.BFLOAT16, MergeBase.AS_TRAINED
    )


def test_an_export_carries_what_was_trained_in_shards_with_its_papers(adapter: Path, tmp_path: Path) -> None:
    done = run_export(_request(adapter, tmp_path, shard_gib=0.0001), Silent())
    assert done.into is MergeBase.DEQUANTISED
    shards = list(done.out.glob("model-*.safetensors"))
    assert len(shards) > 1
    assert max(path.stat().st_size for path in shards) < 120_000
    assert read_certificate(done.out) is not None
    assert read_shingles(done.out) == {7}
    assert "merged into the base rounded to NF4" in (done.out / "README.md").read_text()
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
    with pytest.raises(UsageError, match="exists already and is not empty"):
        run_export(_request(adapter, tmp_path), Silent())


@pytest.mark.parametrize(
    ("chosen", "tolerance"),
    [
        (ExportFormat.SAFETENSORS, 0.0),
        (ExportFormat.INT8, 0.3),
        (ExportFormat.GGUF_F16, 0.0),
        (ExportFormat.GGUF_Q8, 0.3),
    ],
)
def test_every_format_loads_back_and_generates(
    merged: Path, tmp_path: Path, chosen: ExportFormat, tolerance: float
) -> None:
    import torch

    write_model(merged, tmp_path, chosen, shard_gib=2)
    tokens = torch.arange(40).reshape(1, 40)
    with torch.no_grad():
        wanted = _loaded(merged)(tokens).logits.float().log_softmax(-1)
        model = _loaded(tmp_path, chosen)
        got = model(tokens).logits.float().log_softmax(-1)
    assert (got - wanted).abs().mean() <= tolerance
    assert model.generate(tokens, max_new_tokens=4, do_sample=False).shape == (1, 44)
    assert (tmp_path / "weighbridge-training.json").is_file()
    assert (tmp_path / "chat_template.jinja").is_file() is not chosen.is_gguf
    assert _ids(tmp_path, chosen) == _ids(merged)


def test_an_adapter_of_another_base_is_refused_by_its_certificate(
    adapter: Path, tmp_path: Path, a_certificate: Callable[..., Certificate]
) -> None:
    other = Path(shutil.copytree(adapter, adapter.parent / "of-another"))
    write_certificate(other, a_certificate(base="org/other", base_digest="f" * 64), frozenset())
    with pytest.raises(UnknownCheckpoint, match=r"names weights f{12} \(org/other\), these are"):
        run_export(_request(other, tmp_path), Silent())


def test_an_adapter_is_kept_apart_only_if_a_server_carries_it(adapter: Path, tmp_path: Path) -> None:
    done = run_export(_request(adapter, tmp_path, adapter_only=True), Silent())
    assert sorted(path.name for path in done.out.iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "training-shingles.npy",
        "weighbridge-training.json",
    ]
    assert "served on weights unlike those trained" in done.warnings[0]

    dora = Path(shutil.copytree(adapter, adapter.parent / "dora"))
    config = json.loads((dora / "adapter_config.json").read_text())
    (dora / "adapter_config.json").write_text(json.dumps({**config, "use_dora": True}))
    with pytest.raises(UnknownCheckpoint, match="cannot be served beside its base, it is a DoRA"):
        run_export(_request(dora, tmp_path / "second", adapter_only=True), Silent())


def test_a_model_that_gguf_has_no_place_for_is_one_sentence(merged: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(merged, tmp_path / "other"))
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "model_type": "gemma"}))
    with pytest.raises(UnknownCheckpoint, match="model_type 'gemma', and only plain Llama models"):
        write_gguf(other, tmp_path / GGUF_FILE, "F16")


def test_an_export_that_fails_leaves_nothing(
    adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_model: Path, out: Path, *_: object, **__: object) -> None:
        (out / "model.safetensors").write_bytes(b"half")
        raise TrainingError("nothing was exported (No space left on device)")

    monkeypatch.setattr("harness.experiments.export.write_apart", full)
    with pytest.raises(TrainingError, match="No space left"):
        run_export(_request(adapter, tmp_path), Silent())
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == []


def _request(adapter: Path, root: Path, **fields: object) -> ExportRequest:
    where = replace(places(root / "results"), cache=adapter.parent / "cache")
    plain = ExportRequest(
        checkpoint=str(adapter), out=root / "out", places=where, precision=Precision.BFLOAT16
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def _loaded(folder: Path, chosen: ExportFormat = ExportFormat.SAFETENSORS):  # noqa: ANN202 - untyped
    import torch
    from transformers import AutoModelForCausalLM

    named = {"gguf_file": GGUF_FILE} if chosen.is_gguf else {}
    dtype = "auto" if chosen is ExportFormat.INT8 else torch.float32
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, **named)


def _ids(folder: Path, chosen: ExportFormat = ExportFormat.SAFETENSORS) -> list[int]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, **({"gguf_file": GGUF_FILE} if chosen.is_gguf else {}))
    turns = [{"role": "user", "content": "What is the sum of 1/2 and 1/3?"}]
    rendered = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=True)
    return list(rendered["input_ids"])
