"""What a step of the data room did, left beside the file it wrote."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness import InvalidDataset

_FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A file of examples: where it lay, the hex sha256 of its examples, and how many there are."""

    path: str
    digest: str
    examples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DataManifest:
    """One step: its name, files in and out, the settings it ran with and what it counted.

    `made_at` is an ISO time in UTC; the settings are plain JSON.
    """

    step: str
    made_at: str
    inputs: tuple[DataFile, ...]
    output: DataFile
    settings: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def manifest_path(output: Path) -> Path:
    """Return where the manifest of the file `output` lies."""
    return output.with_name(f"{output.name}.manifest.json")


def write_manifest(output: Path, manifest: DataManifest) -> None:
    """Leave the manifest beside `output`, whole or not at all."""
    path = manifest_path(output)
    draft = path.with_name(f".{path.name}.draft")
    document = {"format_version": _FORMAT_VERSION, **asdict(manifest)}
    try:
        draft.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_manifest(output: Path) -> DataManifest | None:
    """Return the manifest beside `output`, None where there is none.

    Raises `InvalidDataset` for one that cannot be read or is from a newer program.
    """
    import msgspec

    path = manifest_path(output)
    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_bytes())
        version = document.pop("format_version")
        if version == _FORMAT_VERSION:
            return msgspec.convert(document, DataManifest)
    except (ValueError, AttributeError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise InvalidDataset(
            f"{path} cannot be read ({error}): run the step that wrote {output} again"
        ) from error
    raise InvalidDataset(
        f"{path} has format {version}, this program reads {_FORMAT_VERSION}: upgrade weighbridge"
    )


def lineage(output: Path) -> tuple[DataManifest, ...]:
    """Return the manifests of the steps that led to `output`, the first step first, each once.

    A step is followed to its inputs as long as they lie where they lay and are what they were.
    """
    found: dict[tuple[str, str], DataManifest] = {}
    _follow(output, None, found)
    return tuple(found.values())


def _follow(output: Path, digest: str | None, found: dict[tuple[str, str], DataManifest]) -> None:
    manifest = read_manifest(output)
    if manifest is None or digest not in (None, manifest.output.digest):
        return
    key = (str(output), manifest.output.digest)
    if key in found:
        return
    for each in manifest.inputs:
        _follow(Path(each.path), each.digest, found)
    found[key] = manifest
