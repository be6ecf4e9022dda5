"""The page of promises names tests that are there, by the names of their files."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
NAMED = re.findall(r"\[`(test_\w+)`\]\(([\w/.]+)\)", (TESTS / "PROMISES.md").read_text(encoding="utf-8"))


def test_each_of_the_five_promises_and_the_data_tool_has_tests_and_limits() -> None:
    sections = (TESTS / "PROMISES.md").read_text(encoding="utf-8").split("\n## ")[1:]
    assert [section[0] for section in sections] == list("12345T")
    for section in sections:
        assert section.count("](") >= 3
        assert "*Limits.*" in section


@pytest.mark.parametrize(("name", "file"), NAMED, ids=[name for name, _ in NAMED])
def test_a_test_that_is_named_is_there(name: str, file: str) -> None:
    assert f"\ndef {name}(" in (TESTS / file).read_text(encoding="utf-8")
