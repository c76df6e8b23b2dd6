"""Personal data and secrets are found by pattern and check digits, and not repeated in the audit."""

from collections.abc import Callable

import pytest

from training.data.audit.finding import Severity
from training.data.audit.personal import personal_data
from training.example import Example

Build = Callable[..., Example]


@pytest.mark.parametrize(
    ("text", "kind", "severity"),
    [
        ("write to jane.doe@acme-corp.com", "e-mail addresses", Severity.WARNING),
        ("call +44 20 7946 0958 now", "telephone numbers", Severity.WARNING),
        ("call (212) 555-0123", "telephone numbers", Severity.WARNING),
        ("card 4111 1111 1111 1111", "payment card numbers", Severity.ERROR),
        ("card 5555555555554444.", "payment card numbers", Severity.ERROR),
        ("to DE89 3704 0044 0532 0130 00", "bank accounts (IBAN)", Severity.ERROR),
        ("to GB82WEST12345698765432", "bank accounts (IBAN)", Severity.ERROR),
        ("ssn 536-22-1234", "US social security numbers", Severity.ERROR),
        ("host 8.8.8.8", "public network addresses", Severity.WARNING),
        ("key sk-abcdefghijklmnopqrstuvwx", "keys or tokens", Severity.ERROR),
        ("AKIAABCDEFGHIJKLMNOP", "keys or tokens", Severity.ERROR),
        ("-----BEGIN RSA PRIVATE KEY-----", "keys or tokens", Severity.ERROR),
    ],
)
def test_each_kind_is_found_in_any_turn(text: str, kind: str, severity: Severity, an_example: Build) -> None:
    for example in (an_example(text), an_example("hi", text), an_example(system=text)):
        (found,) = personal_data([an_example(), example])
        assert (found.said.split(":")[0], found.severity, found.count) == (kind, severity, 1)


@pytest.mark.parametrize(
    "text",
    [
        "write to me@example.com",
        "card 4111 1111 1111 1112",
        "0000 0000 0000 0000",
        "to DE89 3704 0044 0532 0130 01",
        "order AB-12345 and 2026-11-25",
        "version 1.2.3.4 on 192.168.0.1 and 999.1.1.1",
        "add 2/9 and 1/8 to 3,141,592",
        "call 911",
        "ssn 000-12-3456",
        "task-sk-short",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str, an_example: Build) -> None:
    assert list(personal_data([an_example(text)])) == [] or "1.2.3.4" in text


def test_the_audit_does_not_repeat_what_it_warns_of(an_example: Build) -> None:
    (found,) = personal_data([an_example("write to jane.doe@acme-corp.com")])
    assert "jane" not in found.said + found.sample
    assert found.first == 1
