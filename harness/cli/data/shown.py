"""What a step prints when it is done: what it kept and why not more, then where everything lies."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from harness.cli.show import print_json
from reports.plain_text import harmless
from training.data.manifest import DataManifest, manifest_path
from training.data.step import aside_path

_WORDS = {
    "removed_exact": "repeat another",
    "removed_wording": "are alike word for word",
    "removed_meaning": "are alike in meaning",
}


def show_step(
    manifest: DataManifest, out: Path, *, json: bool, aside: str | None = None, following: str = ""
) -> None:
    """Print what a step did; `following` is the step to take next, without the program's name."""
    if json:
        print_json(asdict(manifest))
        return
    print(harmless(f"{_told(manifest.step, manifest.counts)}."))
    written = [out, *([aside_path(out, aside)] if aside else []), manifest_path(out)]
    print(harmless(f"\nWritten: {', '.join(map(str, written))}"))
    if following:
        print(harmless(f"Next:    weighbridge {following.format(out=shlex.quote(str(out)))}"))


def _told(step: str, counts: Mapping[str, int]) -> str:
    kept = f"{counts['kept']:,}"
    match step:
        case "draw":
            return f"Drew {kept} examples"
        case "mix":
            return (
                f"Mixed {kept} examples: {counts['focused']:,} focused, {counts['general']:,} general; "
                f"{counts['refusals']:,} of all are refusals"
            )
        case _:
            why = ", ".join(f"{counts[key]:,} {words}" for key, words in _WORDS.items() if counts.get(key))
            met = ", ".join(
                f"{count:,} met {name.removeprefix('met_')}"
                for name, count in counts.items()
                if name.startswith("met_")
            )
            told = f"Kept {kept} of {counts['read']:,} examples" + (f": {why}" if why else "; none had to go")
            return told + (f" ({met})" if met else "")
