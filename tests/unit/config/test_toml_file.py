"""What people write in TOML is read, or refused in a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config.toml_file import read_toml
from harness.errors import InvalidRecipe


def test_tables_are_read_behind_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbf[lora]\nrank = 8\n")
    assert read_toml(path, noun="TOML recipe", error=InvalidRecipe) == {"lora": {"rank": 8}}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.mkdir(), "could not be read (Is a directory): give the path of a TOML recipe"),
        (lambda path: path.write_text("rank = "), "is not TOML ("),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is not TOML ("),
        (lambda path: path.write_text("a = " + "[" * 100_000), "is not TOML ("),
    ],
    ids=["folder", "half", "no text", "too deep"],
)
def test_what_is_no_toml_is_refused(tmp_path: Path, spoil: Callable[[Path], object], said: str) -> None:
    path = tmp_path / "a.toml"
    spoil(path)
    with pytest.raises(InvalidRecipe) as refused:
        read_toml(path, noun="TOML recipe", error=InvalidRecipe)
    assert str(refused.value).startswith(f"{path} {said}")
