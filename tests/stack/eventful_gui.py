"""The real launcher, behind an eventful past: `python -m tests.stack.eventful_gui --port 0`."""

import sys
from random import Random

from gui.__main__ import main
from gui.audit import log_event, log_exception

MESSAGES = {
    "nav": "Opened home",
    "upload": "Uploaded customers.csv",
    "analyze": "Analysed customers.csv",
    "tool_run": "Cleaned customers.csv",
    "download": "Downloaded customers-cleaned.csv",
}
EVENTS = 400


def live_through_a_lot() -> None:
    chance = Random(7)  # noqa: S311 - the same each time
    for number in range(EVENTS):
        category = chance.choice(list(MESSAGES))
        level = "warning" if number % 50 == 7 else "info"
        log_event(category, MESSAGES[category], level=level, rows=number * 10, file=f"customers {number}.csv")
    log_exception("Cleaning customers.csv", ValueError("column 7 is no number"))


if __name__ == "__main__":
    live_through_a_lot()
    sys.exit(main())
