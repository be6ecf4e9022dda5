"""The launcher of the example: `python -m tests.example --port PORT`."""

import sys
from pathlib import Path

from gui.auditing import audited_app

if __name__ == "__main__":
    app = audited_app(Path(__file__).with_name("app.py"), "python -m tests.example")
    app.run(config={"server.port": int(sys.argv[-1]), "server.address": "127.0.0.1", "server.headless": True})
