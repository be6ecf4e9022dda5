"""See the package."""

import json
import sys

from tests.benchmarks.inside import call

if __name__ == "__main__":
    result = json.dumps(call(*sys.argv[1:]))
    sys.stdout.write(f"{result}\n")
    sys.stdout.flush()
