"""What a command line says in place of the policy file."""

from dataclasses import replace
from typing import Any, TypedDict, Unpack

from harness.config.policy_keys import top_keys
from harness.domain.policy import OnMismatch, Policy
from harness.errors import UsageError


class Given(TypedDict, total=False):
    """What may be given in place of the policy file; what is None or left out is as it says there."""

    items: int | None
    anchor: str | None
    temperature: float | None
    contamination: str | None
    allow_mismatch: bool


def overridden(policy: Policy, **given: Unpack[Given]) -> Policy:
    """Return `policy` with what was given on the command line.

    Raises `UsageError` naming the option, its value and what is allowed.  An anchor that is
    empty is refused, because a variable that is not set would silently take a demand away.
    """
    items = given.get("items")
    if items is not None and items < 1:
        raise UsageError(f"--items is {items}: ask for 1 or more")
    allowed = given.pop("allow_mismatch", False)
    wanted = {**given, "mismatch": OnMismatch.REPORT if allowed else None}
    return replace(policy, **{key: _read(key, value) for key, value in wanted.items() if value is not None})


def _read(key: str, value: object) -> Any:  # noqa: ANN401 - of the type its rule reads
    rule = top_keys()[key]
    if not rule.accepts(value):
        raise UsageError(f"--{key} is {value!r}, but must be {rule.allowed}")
    return rule.read(value)
