"""What runs inside of a measured process: `python -m tests.benchmarks.inside MODULE FUNCTION ARGUMENTS`.

ARGUMENTS is a JSON object. Prints what the function returns, a JSON object of numbers.
"""

import importlib
import json
from typing import cast

Metrics = dict[str, float]


def call(module: str, function: str, arguments: str) -> Metrics | dict[str, str]:
    """The numbers; or, where a package is missing, `unavailable` with the reason."""
    try:
        measure = getattr(importlib.import_module(f"{__name__}.{module}"), function)
        return cast("Metrics", measure(**json.loads(arguments)))
    except ModuleNotFoundError as error:
        return {"unavailable": f"{error.name} is not installed"}
