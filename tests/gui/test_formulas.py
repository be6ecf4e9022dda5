"""Which cells would a spreadsheet program run?"""

import pandas as pd
import pytest

from gui.formulas import count_formulas


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("=1+1", True), ("@SUM(A1)", True), ("+cmd|' /C calc'!A0", True), ("-A1", True), (" =1", True), ("\t=1", True),
        ("-5", False), ("+49 (30) 12-34", False), ("-1,5e-3 %", False), ("-", False), ("a=b", False), ("", False),
        ("x@y.org", False),
    ],
)  # fmt: skip
def test_a_formula_is_counted_and_a_number_is_none(text: str, formula: bool) -> None:  # noqa: FBT001 a case of the table
    assert count_formulas(pd.DataFrame({"a": [text, "x", text]}, dtype="str")) == 2 * formula
