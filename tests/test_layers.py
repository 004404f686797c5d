"""The walls of the house: imports point down, and rooms of one level do not know each other."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from urbansound.paths import PROJECT

PACKAGE = PROJECT / "urbansound"
# The first prefix that fits a module is its room; docs/architecture.md shows the same table.
LEVELS: dict[str, int] = {
    "urbansound.__main__": 8,
    "urbansound.cli": 7,
    "urbansound.ui": 7,
    "urbansound.runs.launch": 6,
    "urbansound.runs.worker": 6,
    "urbansound.experiment": 5,
    "urbansound.evaluation": 4,
    "urbansound.inference": 4,
    "urbansound.runs": 4,
    "urbansound.training": 3,
    "urbansound.dataset": 2,
    "urbansound.features": 2,
    "urbansound.audio": 1,
    "urbansound.models": 1,
    "urbansound": 0,
}


def room_of(module: str) -> str:
    fits = (room for room in LEVELS if module == room or module.startswith(f"{room}."))
    return next(fits)


def module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_down(path):
    room = room_of(module_name(path))
    for other in imported_modules(path):
        if not other.startswith("urbansound."):
            continue
        target = room_of(other)
        is_inside = target == room
        assert is_inside or LEVELS[target] < LEVELS[room], f"{module_name(path)} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_only_the_interface_imports_streamlit(path):
    if room_of(module_name(path)) != "urbansound.ui":
        assert not any(name.split(".")[0] == "streamlit" for name in imported_modules(path))


def test_training_sees_tensors_never_paths():
    for path in (PACKAGE / "training").glob("*.py"):
        assert "pathlib" not in imported_modules(path), path.name


def test_starting_the_app_imports_neither_torch_nor_librosa():
    script = (
        "import sys, app\n"
        "heavy = {'torch', 'librosa', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
