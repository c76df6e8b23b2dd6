"""The shape of inputs, learnt from examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import InvalidTask, Json, SchemaValidator
from training.data.input_shape import described, input_shape


def test_words_that_come_again_are_the_only_ones_and_numbers_keep_their_form() -> None:
    pool = [
        {"kind": ["add", "take"][n % 2], "size": f"{n}/1{n % 10}", "note": f"free text {'x' * n}", "n": n}
        for n in range(90)
    ]
    shape = input_shape(pool)
    check = SchemaValidator(shape)
    assert described(shape) == "kind: one of add, take"
    good = '{"kind":"add","size":"7/12","note":"anything","n":3}'
    assert check.validity(good).value == 1
    for spoilt in (
        good.replace("add", "divide"),
        good.replace("7/12", "7 of 12"),
        good.replace('"n":3', '"n":"3"'),
        good.replace('"n":3', '"n":300'),
        good.replace(',"n":3', ""),
        good.replace('"n":3', '"n":3,"more":1'),
        good.replace("anything", ""),
        good.replace("anything", "long" * 60),
    ):
        assert check.validity(spoilt).value == 0, spoilt


def test_a_field_that_only_some_have_may_be_left_out() -> None:
    shape = input_shape([{"a": 1}, {"a": 2, "b": None}])
    assert shape["required"] == ["a"]
    assert SchemaValidator(shape).validity('{"a": 1}').value == 1


def test_without_examples_there_is_no_shape() -> None:
    with pytest.raises(InvalidTask, match="no gold examples to take as a pattern"):
        input_shape([])


values: st.SearchStrategy[Json] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-100, 100),
    st.floats(-10, 10),
    st.text(max_size=6),
    st.from_regex(r"[0-9]{1,2}/[0-9]{1,2}", fullmatch=True),
    st.lists(st.integers(), max_size=2),
)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), values, max_size=3), min_size=1, max_size=20))
def test_whatever_the_shape_was_learnt_from_has_it(pool: list[dict[str, Json]]) -> None:
    import json

    check = SchemaValidator(input_shape(pool))
    for inputs in pool:
        if inputs and all(value != "" for value in inputs.values()):
            assert check.validity(json.dumps(inputs)).value == 1
