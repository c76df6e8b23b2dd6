"""Nights on disk: a folder each, whose night.json says all that the page shows, written anew as cells end."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import msgspec

from harness.domain.nightly import Night
from harness.errors import StoreError
from harness.store.atomic import make_folder, write_atomically
from harness.store.codec import encode_evidence

FORMAT_VERSION = 1
_DOCUMENT = "night.json"


def encode_night(night: Night) -> bytes:
    """Return a night as indented JSON that names its format version."""
    return encode_evidence({"format_version": FORMAT_VERSION, **asdict(night)})


def write_night(night: Night, folder: Path) -> None:
    """Leave a night in `folder`, whole or as it was before; raises `StoreError`."""
    make_folder(folder)
    write_atomically(folder / _DOCUMENT, encode_night(night))


def read_night(folder: Path) -> Night:
    """Return the night kept in `folder`; raise `StoreError` for a damaged one or one of a newer format."""
    path = folder / _DOCUMENT
    try:
        fields = json.loads(path.read_bytes())
        version = fields.pop("format_version")
        if not isinstance(version, int) or version > FORMAT_VERSION:
            raise StoreError(
                f"{path} has format version {version!r} and this program reads {FORMAT_VERSION}: run `pip "
                "install -U weighbridge`"
            )
        return msgspec.convert(fields, Night)
    except (OSError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise StoreError(
            f"{path} could not be read ({error}): restore it, or move its folder away and do without it"
        ) from error


def nights_in(shelf: Path) -> Sequence[Night]:
    """Return every night under `shelf`, oldest first; raises as `read_night` does."""
    found = [read_night(path.parent) for path in shelf.glob(f"*/{_DOCUMENT}")]
    return sorted(found, key=lambda night: (night.begun_at, night.night_id))
