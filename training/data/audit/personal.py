"""Personal data and secrets, by patterns whose check digits are checked where they have any."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address

from training.data.audit.finding import Finding, Severity, concerning
from training.example import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One kind of personal data: how it looks, and whether a match really is one."""

    name: str
    pattern: re.Pattern[str]
    severity: Severity
    is_real: Callable[[str], bool] = lambda _: True


def personal_data(examples: Sequence[Example]) -> Iterator[Finding]:
    """Yield a finding for each kind of personal data or secret that stands in the examples."""
    for kind in _KINDS:
        found = [example for example in examples if _holds(kind, example)]
        if found:
            advice = (
                "replace them"
                if kind.severity is Severity.ERROR
                else "remove or replace them if they are real"
            )
            told = concerning(
                "personal data", kind.severity, f"{kind.name}: {advice}", whole=examples, of=found
            )
            # An audit is kept and passed around: it must not hold what it warns of.
            yield replace(told, sample="")


def _holds(kind: _Kind, example: Example) -> bool:
    return any(_is_in(kind, turn.content) for turn in example.messages)


def _is_in(kind: _Kind, text: str) -> bool:
    return any(kind.is_real(match[0]) for match in kind.pattern.finditer(text))


def _is_card(text: str) -> bool:
    """Luhn's check (ISO/IEC 7812-1)."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [
        digit if place % 2 == 0 else sum(divmod(2 * digit, 10))
        for place, digit in enumerate(reversed(digits))
    ]
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    """The check digits of ISO 13616."""
    plain = text.replace(" ", "")
    return int("".join(str(int(each, 36)) for each in plain[4:] + plain[:4])) % 97 == 1


def _is_public_address(text: str) -> bool:
    try:
        return IPv4Address(text).is_global
    except AddressValueError:
        return False


def _is_phone(text: str) -> bool:
    return 9 <= sum(character.isdigit() for character in text) <= 15  # noqa: PLR2004 - E.164


_EXAMPLE_DOMAINS = ("example.com", "example.org", "example.net", ".example", ".invalid", ".test")


def _is_mail(text: str) -> bool:
    return not text.lower().endswith(_EXAMPLE_DOMAINS)


_KINDS: Iterable[_Kind] = (
    _Kind(
        name="keys or tokens",
        pattern=re.compile(
            r"\b(?:sk-[A-Za-z0-9_-]{20,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|hf_[A-Za-z0-9]{30,}"
            r"|xox[abprs]-[A-Za-z0-9-]{20,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})"
            r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
        ),
        severity=Severity.ERROR,
    ),
    _Kind(
        name="payment card numbers",
        pattern=re.compile(r"(?<![\d.-])[3-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\d.-])"),
        severity=Severity.ERROR,
        is_real=_is_card,
    ),
    _Kind(
        name="bank accounts (IBAN)",
        pattern=re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"),
        severity=Severity.ERROR,
        is_real=_is_iban,
    ),
    _Kind(
        name="US social security numbers",
        pattern=re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"),
        severity=Severity.ERROR,
    ),
    _Kind(
        name="e-mail addresses",
        pattern=re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"),
        severity=Severity.WARNING,
        is_real=_is_mail,
    ),
    _Kind(
        name="telephone numbers",
        pattern=re.compile(
            r"(?<![\w.])(?:\+\d{1,3}[ .-]?(?:\(?\d{1,4}\)?[ .-]?){2,5}\d"
            r"|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[.-]\d{3}[.-]\d{4})(?!\w)"
        ),
        severity=Severity.WARNING,
        is_real=_is_phone,
    ),
    _Kind(
        name="public network addresses",
        pattern=re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"),
        severity=Severity.WARNING,
        is_real=_is_public_address,
    ),
)
