"""A gate's demands as a TOML file.

Keys are those of `harness.domain.policy`, one table for each suite and one for each waiver:

    alpha = 0.05
    items = "all"               # or the most that are asked of a task
    anchor = "./release-1"      # compared with besides the baseline

    [target_metric]
    hypothesis = "superiority"
    margin = 0.02

    [[waiver]]
    suite = "forgetting"
    subject = "piqa"            # left out: every probe
    until = 2027-01-31          # the last day on which it counts
    reason = "the next data mix brings it back"

A key that is left out keeps its default; a key that is not known is refused, because a
misspelt demand would silently not be made.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from harness.config.policy_keys import Rules, suite_keys, top_keys, waiver_keys
from harness.config.toml_file import read_toml
from harness.domain.policy import Hypothesis, Policy, Waiver
from harness.domain.suite import Suite
from harness.errors import InvalidPolicy

_WAIVER = "waiver"
_NEEDED = {
    "suite": 'suite = "forgetting" (or another suite)',
    "until": "until = 2027-01-31 (the last day on which it counts)",
    "reason": 'reason = "..." (why this failing may ship; every report shows it)',
}


def load_policy(path: Path | None) -> Policy:
    """Return the policy written at `path`, the defaults for None.

    Raises `InvalidPolicy` naming the file, the key, its value and what is allowed.
    """
    if path is None:
        return Policy()
    fields = dict(read_toml(path, noun="TOML policy file", error=InvalidPolicy))
    waivers = _waivers(path, fields.pop(_WAIVER, []))
    tables = {}
    for name, (kind, rules) in suite_keys().items():
        if name in fields:
            settings = _settings(path, fields.pop(name), rules, prefix=f"{name}.")
            _require_used(path, name, settings)
            tables[name] = kind(**settings)
    known_tables = (*(f"[{name}]" for name in suite_keys()), f"[[{_WAIVER}]]")
    top = _settings(path, fields, top_keys(), prefix="", tables=known_tables)
    return Policy(**top, **tables, waivers=waivers)


def _settings(
    path: Path, fields: object, rules: Rules, *, prefix: str, tables: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the values of one table by key, each checked against its rule."""
    if not isinstance(fields, dict):
        table = prefix.rstrip(".")
        raise InvalidPolicy(
            f"{path}: {table} is {fields!r}, but must be a table: write [{table}] above its keys"
        )
    for key, value in fields.items():
        if key not in rules:
            known = ", ".join([*rules, *tables])
            raise InvalidPolicy(f"{path}: unknown key {prefix + key!r}: use one of {known}")
        if not rules[key].accepts(value):
            raise InvalidPolicy(f"{path}: {prefix}{key} is {_shown(value)}, but must be {rules[key].allowed}")
    return {key: rules[key].read(value) for key, value in fields.items()}


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)


def _require_used(path: Path, table: str, settings: Mapping[str, Any]) -> None:
    """Refuse a floor that is asked for and not given, and a margin that nothing would look at."""
    if settings.get("hypothesis") is not Hypothesis.FLOOR:
        return
    if not settings.get("floor"):
        raise InvalidPolicy(
            f'{path}: {table}.hypothesis is "floor", but there is no floor above 0: write floor = 0.9, or '
            "whatever the mean must be shown to lie above, beside it"
        )
    if "margin" in settings:
        raise InvalidPolicy(
            f'{path}: {table}.margin is {settings["margin"]:g}, but hypothesis "floor" asks for the floor '
            'alone: leave margin out, or write hypothesis = "non-inferiority" to ask for both'
        )


def _waivers(path: Path, entries: object) -> tuple[Waiver, ...]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InvalidPolicy(
            f"{path}: {_WAIVER} is {entries!r}, but must be a list of tables: write [[{_WAIVER}]] above the "
            "keys of each"
        )
    return tuple(_waiver(path, entry, number) for number, entry in enumerate(entries, start=1))


def _waiver(path: Path, entry: Mapping[str, Any], number: int) -> Waiver:
    settings = _settings(path, entry, waiver_keys(), prefix=f"{_WAIVER} {number}.")
    for key, example in _NEEDED.items():
        if key not in settings:
            raise InvalidPolicy(f"{path}: {_WAIVER} {number} has no {key}: write {example}")
    if settings["suite"] is Suite.FORGETTING and "arm" in settings:
        raise InvalidPolicy(
            f"{path}: {_WAIVER} {number}.arm is {settings['arm']!r}, but probes are asked without an arm and "
            "it would cover nothing: leave arm out"
        )
    return Waiver(**settings)
