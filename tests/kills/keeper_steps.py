"""The steps of a keeper at which it can be struck, each named by what has just happened unless it says otherwise."""

from shared.child import Child
from shared.printer import Printer
from tests.kills.at import after, before

STEPS = {
    "before the child": before(Child, "__init__"),
    "started": after(Child, "__init__"),
    # The first line is the child's "ready".
    "ready": before(Printer, "line"),
    "asked": after(Child, "ask_to_leave"),
    "child ended": after(Child, "_await_end"),
}
