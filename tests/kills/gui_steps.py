"""The steps of the launcher `python -m gui` at which it can be struck."""

import uvicorn

from gui import ending
from tests.kills.at import after, before

STEPS = {
    # Behind the URL in its output, and before the server has handlers of its own.
    "starting the server": before(uvicorn.Server, "run"),
    "beginning": before(ending, "begin"),
    "begun": after(ending, "begin"),
    "serving": before(uvicorn.Server, "main_loop"),
    "ending": before(ending, "finish"),
    "closed": after(ending, "finish"),
}
