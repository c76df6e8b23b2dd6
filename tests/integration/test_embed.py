"""A trained embedder, end to end: pairs from a file, four steps, a folder that --embedder takes."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from harness import UsageError
from harness.experiments.embed import EmbedRequest, run_embed
from harness.experiments.progress import Silent
from harness.experiments.request import places
from serving.embedder import minilm_folder, quiet
from serving.embedder_choice import embedder_name, open_embedder
from training.embeddings.certificate import read_embedder_certificate
from training.embeddings.train import EmbedderSettings

pytestmark = pytest.mark.integration

CLASSES = ("apple", "bridge", "candle", "dragon", "engine", "forest")
TASK = """
from harness import Decoding, Score

SYSTEM = "Name the class."
DECODING = Decoding(max_tokens=8)

def ask(inputs):
    return str(inputs["text"])

def score(item, reply):
    return Score(value=1.0)
"""


@pytest.fixture(scope="module")
def request_of(tmp_path_factory: pytest.TempPathFactory) -> EmbedRequest:
    """Trains a tiny random model: texts of one class share a word that it has yet to learn to look at."""
    root = tmp_path_factory.mktemp("embed")
    return EmbedRequest(
        task=str(_task(root / "classes")),
        pairs=_pairs(root / "pairs.jsonl"),
        base=str(_tiny_model(root / "tiny")),
        out=root / "trained",
        settings=EmbedderSettings(epochs=4, dims=(16, 32), negatives=2),
        places=places(root / "results"),
    )


@pytest.fixture(scope="module")
def trained(request_of: EmbedRequest) -> Path:
    run_embed(request_of, Silent())
    return request_of.out


def test_the_folder_says_what_it_was_trained_on_and_what_it_finds(
    trained: Path, request_of: EmbedRequest
) -> None:
    certificate = read_embedder_certificate(trained)
    assert certificate is not None
    assert certificate.source == "a file of pairs"
    assert (certificate.queries, certificate.held_out, certificate.lessons) == (29, 7, 116)
    assert certificate.dims == (16, 32, 64)
    table = [(each.dims, each.k) for each in certificate.after]
    assert table == [(size, k) for size in (16, 32, 64) for k in (1, 3, 5)]
    assert certificate.base == request_of.base
    assert any(trained.glob("*.safetensors"))
    assert [path.name for path in trained.parent.iterdir() if path.name.startswith(".trained")] == []


def test_vectors_asked_for_at_fewer_dimensions_are_cut_and_unit_again(trained: Path, tmp_path: Path) -> None:
    texts = ["an apple a day", "the bridge is long"]
    whole = open_embedder(str(trained), cache=tmp_path).embed(texts)
    short = open_embedder(f"{trained}@16", cache=tmp_path).embed(texts)
    assert (whole.shape, short.shape) == ((2, 64), (2, 16))
    assert np.allclose(np.linalg.norm(short, axis=1), 1.0, atol=1e-5)
    cut = whole[:, :16] / np.linalg.norm(whole[:, :16], axis=1, keepdims=True)
    assert np.allclose(short, cut, atol=1e-5)


def test_training_moves_the_vectors(trained: Path, request_of: EmbedRequest, tmp_path: Path) -> None:
    before, after = (
        open_embedder(text, cache=tmp_path).embed(["an apple a day"])
        for text in (request_of.base, str(trained))
    )
    assert not np.allclose(before, after, atol=1e-3)


def test_its_name_is_that_of_its_content_and_its_length(
    trained: Path, request_of: EmbedRequest, tmp_path: Path
) -> None:
    names = {embedder_name(text, cache=tmp_path) for text in (str(trained), f"{trained}@16", request_of.base)}
    assert len(names) == 3
    moved = tmp_path / "elsewhere"
    moved.symlink_to(trained)
    assert embedder_name(str(moved), cache=tmp_path) in names


def test_a_folder_that_is_taken_is_not_written_over(trained: Path, request_of: EmbedRequest) -> None:
    with pytest.raises(UsageError, match=f"{trained} holds something already"):
        run_embed(request_of, Silent())


def test_the_same_seed_gives_the_same_recall(trained: Path, request_of: EmbedRequest) -> None:
    again = dataclasses.replace(request_of, out=request_of.out.with_name("again"))
    first = read_embedder_certificate(trained)
    second = run_embed(again, Silent())
    assert first is not None
    assert (second.pairs_digest, second.before, second.after) == (
        first.pairs_digest,
        first.before,
        first.after,
    )


def _text(name: str, number: int) -> str:
    return f"{name} story number {number} of {(number * 7) % 10}"


def _task(folder: Path) -> Path:
    folder.mkdir()
    (folder / "task.py").write_text(TASK, encoding="utf-8")
    (folder / "schema.json").write_text("{}", encoding="utf-8")
    item = {"id": "i1", "cluster": "c1", "inputs": {"text": "an item of its own"}}
    (folder / "items.jsonl").write_text(json.dumps(item), encoding="utf-8")
    gold = (
        {"id": f"{name}-{n}", "inputs": {"text": _text(name, n)}, "output": f'"{name}"'}
        for name in CLASSES
        for n in range(3)
    )
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, gold)), encoding="utf-8")
    return folder


def _pairs(path: Path) -> Path:
    rows = [
        {"query": _text(name, n), "gold_id": f"{name}-{m}"}
        for name in CLASSES
        for n in range(10, 16)
        for m in range(3)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def _tiny_model(folder: Path) -> Path:
    """A random model of two layers, with the tokenizer of the packaged one."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    torch.manual_seed(5)
    with quiet():
        words = AutoTokenizer.from_pretrained(minilm_folder())
        config = BertConfig(
            vocab_size=len(words),
            hidden_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=128,
        )
        BertModel(config).save_pretrained(folder / "bert")
        words.save_pretrained(folder / "bert")
        layers = [Transformer(str(folder / "bert")), Pooling(64)]
        SentenceTransformer(modules=layers).save_pretrained(str(folder / "model"), create_model_card=False)
    return folder / "model"
