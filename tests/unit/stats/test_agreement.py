import math

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa, to_table

from harness.errors import InvalidComparison
from harness.stats.agreement import cohen_kappa, krippendorff_alpha

_ = None
# Four observers, twelve units; Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C.
PUBLISHED = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3),
    (_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _),
)
LABELS = some.sampled_from("abc")
PAIRED = some.lists(some.tuples(LABELS, LABELS), min_size=1, max_size=40)


def test_alpha_is_the_published_one() -> None:
    units = [[label for label in unit if label is not None] for unit in zip(*PUBLISHED, strict=True)]
    assert krippendorff_alpha(units) == pytest.approx(0.743, abs=5e-4)


def test_kappa_is_the_one_of_cohens_table() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no.
    one = "y" * 25 + "n" * 25
    other = "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15
    assert cohen_kappa(one, other) == pytest.approx(0.4)


@given(PAIRED)
def test_kappa_is_that_of_two_libraries(pairs: list[tuple[str, str]]) -> None:
    one, other = zip(*pairs, strict=True)
    found = cohen_kappa(one, other)
    if found is None:
        assert len(set(one) | set(other)) == 1
        return
    assert found == pytest.approx(cohen_kappa_score(one, other))
    numbers = [[ord(mine), ord(yours)] for mine, yours in pairs]
    assert found == pytest.approx(cohens_kappa(to_table(numbers)[0], return_results=False))


@given(PAIRED)
def test_neither_depends_on_who_is_named_first_nor_on_what_the_labels_are_called(
    pairs: list[tuple[str, str]],
) -> None:
    one, other = zip(*pairs, strict=True)
    renamed = [tuple({"a": 1, "b": 2, "c": 3}[label] for label in pair) for pair in pairs]
    assert cohen_kappa(one, other) == cohen_kappa(other, one)
    assert krippendorff_alpha(pairs) == krippendorff_alpha(renamed)
    assert krippendorff_alpha([*pairs, ("a",), ()]) == krippendorff_alpha(pairs)


@given(some.lists(LABELS, min_size=2, max_size=40).filter(lambda labels: len(set(labels)) > 1))
def test_full_agreement_is_one(labels: list[str]) -> None:
    assert cohen_kappa(labels, labels) == 1.0
    assert krippendorff_alpha([(label,) * 3 for label in labels]) == 1.0


def test_habit_is_no_agreement() -> None:
    assert cohen_kappa("yyyy", "yyyy") is None
    assert krippendorff_alpha([("y", "y")] * 4) is None
    assert cohen_kappa("yyyn", "yyyy") == 0.0
    assert krippendorff_alpha([]) is None


@pytest.mark.parametrize(("one", "other"), [("", ""), ("ab", "a")])
def test_labels_that_do_not_pair_are_refused(one: str, other: str) -> None:
    with pytest.raises(InvalidComparison, match="let both label the same things"):
        cohen_kappa(one, other)


def test_alpha_of_two_nears_kappa_of_two_on_many_things() -> None:
    pairs = [("a", "a")] * 4000 + [("a", "b")] * 1000 + [("b", "a")] * 1000 + [("b", "b")] * 3000
    one, other = zip(*pairs, strict=True)
    kappa, alpha = cohen_kappa(one, other), krippendorff_alpha(pairs)
    assert kappa is not None
    assert alpha is not None
    assert math.isclose(kappa, alpha, abs_tol=1e-3)
