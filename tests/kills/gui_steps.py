"""The steps of the launcher `python -m gui` at which it can be struck."""

from gui import ending
from tests.kills.at import after, before

STEPS = {
    "beginning": before(ending, "begin"),
    "begun": after(ending, "begin"),
    "ending": before(ending, "finish"),
    "closed": after(ending, "finish"),
}
