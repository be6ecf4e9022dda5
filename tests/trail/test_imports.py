"""gui → shared ← sidecar, and nothing heavy where it does not belong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.waiting import ROOT

PACKAGES = ("gui", "shared", "sidecar")
FORBIDDEN = {"gui": {"sidecar"}, "sidecar": {"gui"}, "shared": {"gui", "sidecar"}}


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # A relative import stays within its package as long as it does not climb out of it.
            depth = len(path.relative_to(ROOT).parts) - 1
            found.add((node.module or "").split(".")[0] if node.level == 0 else path.relative_to(ROOT).parts[0])
            assert node.level <= depth, f"{path}:{node.lineno} climbs out of its package"
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_one_way(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    wrong = {str(path): names for path in modules if (names := imported(path) & FORBIDDEN[package])}
    assert wrong == {}


def loaded_by(*modules: str) -> set[str]:
    """The top-level names of all modules that a new interpreter holds after importing these."""
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    ("modules", "unwanted"),
    [
        (
            ("sidecar.__main__", "sidecar.serve"),
            {"streamlit", "pandas", "numpy", "gui", "backports", "nats"},
        ),
        (("gui.audit",), {"streamlit", "pandas", "numpy", "sidecar", "nats"}),
        (("shared.keeper",), {"streamlit", "pandas", "numpy", "sidecar", "gui", "zmq"}),
    ],
    ids=["sidecar", "gui.audit", "keeper"],
)
def test_nothing_heavy_is_loaded(modules: tuple[str, ...], unwanted: set[str]) -> None:
    loaded = loaded_by(*modules)
    assert "shared" in loaded
    assert loaded & unwanted == set()
