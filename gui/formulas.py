"""Cells that a spreadsheet program takes for formulas when it opens a CSV: "CSV injection". Pure.

They are counted and said, not changed: a download has what the table has, and -5 or +49 30 1234 are no formulas.
"""

import pandas as pd

from gui.telling import Tell, silent
from gui.texts import SPACE, distinct

# Neither a number nor a telephone number nor a lone dash.
_FORMULA = rf"(?s)^{SPACE}*(?:[=@]|[+-].*[^0-9 .,()/%eE+-])"


def count_formulas(frame: pd.DataFrame, tell: Tell = silent) -> int:
    """How many cells of `frame`, which holds text only, begin like a formula."""
    cells = 0
    for number, name in enumerate(frame.columns):
        tell(number / len(frame.columns))
        found = distinct(frame[name])
        cells += found.rows(found.matching(_FORMULA))
    return cells
