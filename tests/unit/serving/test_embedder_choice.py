"""What may be written after --embedder, and the name it gets; no model is loaded."""

import json
import shutil
from pathlib import Path

import pytest

from harness import UsageError
from serving.embedder_choice import EmbedderChoice, embedder_choice, embedder_name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "mine"
    path.mkdir()
    (path / "modules.json").write_text("[]", encoding="utf-8")
    (path / "config.json").write_text(json.dumps({"hidden_size": 64}), encoding="utf-8")
    (path / "model.safetensors").write_bytes(b"weights")
    return path


@pytest.mark.parametrize(("text", "dims"), [("{}", None), ("{}@64", 64), ("{}@1", 1)])
def test_a_folder_may_be_cut_to_some_dimensions(folder: Path, text: str, dims: int | None) -> None:
    assert embedder_choice(text.format(folder)) == EmbedderChoice(folder=folder, dims=dims)


def test_the_packaged_embedder_is_called_minilm(tmp_path: Path) -> None:
    assert embedder_choice("minilm@128") == EmbedderChoice(folder=None, dims=128)
    whole, short = (embedder_name(text, cache=tmp_path) for text in ("minilm", "minilm@128"))
    assert whole.startswith("minilm-l6-v2-")
    assert short == f"{whole}-128d"


def test_a_folder_whose_own_name_looks_cut_is_taken_whole(folder: Path) -> None:
    odd = folder.with_name("mine@16")
    shutil.copytree(folder, odd)
    assert embedder_choice(str(odd)) == EmbedderChoice(folder=odd, dims=None)
    assert embedder_choice(f"{odd}@32") == EmbedderChoice(folder=odd, dims=32)


@pytest.mark.parametrize("dims", [0, 65])
def test_dimensions_that_the_model_does_not_have_are_refused(folder: Path, dims: int) -> None:
    with pytest.raises(UsageError, match=f"@{dims}' asks for {dims} dimensions: ask for 1 to 64"):
        embedder_choice(f"{folder}@{dims}")


@pytest.mark.parametrize("text", ["nonsense", "", "./no@64", "mini-lm"])
def test_what_is_no_embedder_is_refused_with_what_may_be_written(text: str) -> None:
    with pytest.raises(UsageError, match=f"unknown embedder '{text}': .* write minilm, or the folder"):
        embedder_choice(text)


def test_a_folder_without_weights_is_no_embedder(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(UsageError, match="holds no sentence-transformers model"):
        embedder_choice(str(folder))


def test_a_name_follows_the_content_and_not_the_place(folder: Path, tmp_path: Path) -> None:
    first = embedder_name(str(folder), cache=tmp_path)
    copied = folder.with_name("copied")
    shutil.copytree(folder, copied)
    (copied / "weighbridge-embedder.json").write_text("{}", encoding="utf-8")
    (copied / "README.md").write_text("hello", encoding="utf-8")
    assert embedder_name(str(copied), cache=tmp_path) == first
    assert embedder_name(f"{copied}@32", cache=tmp_path) == f"{first}-32d"
    (copied / "model.safetensors").write_bytes(b"other weights")
    assert embedder_name(str(copied), cache=tmp_path) != first
