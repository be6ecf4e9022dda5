"""The real launcher, which leaves its tabs all the time that a busy machine takes: `python -m tests.stack.patient_gui --port 0`."""

import sys

from gui import farewell
from gui.__main__ import main
from tests.stack.running import DEADLINE_S

if __name__ == "__main__":
    farewell.LAST_WORDS_S = 3 * DEADLINE_S
    sys.exit(main())
