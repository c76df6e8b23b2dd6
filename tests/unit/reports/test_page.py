import base64
import hashlib
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from reports.page import data, policy


@given(st.text())
def test_data_comes_back_from_a_script_element_as_it_was(text: str) -> None:
    shown = str(data({"text": text}))
    assert not re.search(r"[<>&]", shown)
    assert json.loads(shown) == {"text": text}


def test_only_the_page_s_own_style_and_script_may_run() -> None:
    rules = policy("body{}", "run()")
    digest = base64.b64encode(hashlib.sha256(b"run()").digest()).decode()
    assert f"script-src 'sha256-{digest}'" in rules
    assert "unsafe" not in rules
    assert "script-src 'none'" in policy("body{}", "")
