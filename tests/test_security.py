"""What no line of the code does: run what it reads, or let a shell or a browser run it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from urbansound.paths import PROJECT

PLACES = ("urbansound", "pages", "faults", "benchmarks")
FILES = sorted(
    [PROJECT / "app.py", *(path for place in PLACES for path in (PROJECT / place).rglob("*.py"))]
)
# What may be imported of modules that run what they read: the error that torch raises, and what
# writes, by which attacks are made to be tried.
MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "yaml"}
HARMLESS_NAMES = {("pickle", "UnpicklingError"), ("pickle", "dumps")}
CALLS = {"eval", "exec", "compile", "__import__", "mktemp"}
OF_MODULES = {"tempfile.mktemp", "os.system", "os.popen", "subprocess.getoutput"}
WORDS = {"shell": True, "weights_only": False, "allow_pickle": True}
# Functions that write, delete or take the device, and are called from pages.
CHANGING = {
    *("start_run", "resume_run", "use_run", "delete_run", "restore_run", "purge_deleted"),
    *("exclude", "keep", "copy_class_folders", "start_detached"),
}
METHODS = {"request_stop", "request_pause", "request_start"}
# The job that was begun by whoever may begin one begins the job that follows.
ASKED_BEFORE = {("urbansound/ui/background.py", "start_detached")}


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def offences(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            names = {(node.module, one.name) for one in node.names}
            yield from (f"{module}.{name}" for module, name in names - HARMLESS_NAMES)
        elif isinstance(node, ast.Call):
            yield from call_offences(node)


def call_offences(call: ast.Call) -> Iterator[str]:
    called = called_name(call)
    # An attribute called eval or compile is a network's, or a pattern's.
    is_own_name = isinstance(call.func, ast.Name)
    if (is_own_name and called in CALLS) or ast.unparse(call.func) in OF_MODULES:
        yield called
    for keyword in call.keywords:
        value = keyword.value
        is_known = isinstance(value, ast.Constant)
        if keyword.arg in WORDS and (not is_known or value.value is WORDS[keyword.arg]):
            yield f"{keyword.arg}={ast.unparse(value)}"
        if keyword.arg == "unsafe_allow_html" and not is_constant_text(call):
            yield "unsafe_allow_html"
    if called == "load" and ast.unparse(call.func) == "torch.load":
        is_told = any(keyword.arg == "weights_only" for keyword in call.keywords)
        if not is_told:
            yield "torch.load without weights_only"


def called_name(call: ast.Call) -> str:
    func = call.func
    return func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")


def is_constant_text(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_read_is_run(path: Path) -> None:
    assert list(offences(tree_of(path))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from pickle import loads",
        "import yaml",
        "from cloudpickle import dumps, loads",
        "torch.load(file, weights_only=False)",
        "torch.load(file, weights_only=how)",
        "torch.load(file)",
        "np.load(file, allow_pickle=True)",
        "subprocess.run('ls', shell=True)",
        "os.system('ls')",
        "st.markdown(text, unsafe_allow_html=True)",
        "st.markdown(f'<b>{name}</b>', unsafe_allow_html=True)",
        "eval(text)",
        "exec(text)",
        "tempfile.mktemp()",
    ],
)
def test_what_would_be_is_noticed(code: str) -> None:
    assert list(offences(ast.parse(code))) != []


@pytest.mark.parametrize(
    "code",
    [
        "model.eval()",
        "from pickle import UnpicklingError",
        "torch.load(file, weights_only=True)",
        "st.markdown('<b>x</b>', unsafe_allow_html=True)",
        "re.compile('x')",
        "subprocess.run(['ls'])",
    ],
)
def test_what_is_harmless_is_let_be(code: str) -> None:
    assert list(offences(ast.parse(code))) == []


def unguarded(tree: ast.Module) -> Iterator[str]:
    """Calls of CHANGING and METHODS that neither `@changes` nor `if may_change()` stands over."""
    imported = {
        one.asname or one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and is_below_pages(node.module or "")
        for one in node.names
        if one.name in CHANGING
    }
    yield from below(tree, imported | METHODS, is_guarded=False)


def is_below_pages(module: str) -> bool:
    return module.startswith("urbansound.") and not module.startswith("urbansound.ui.")


def below(tree: ast.AST, names: set[str], *, is_guarded: bool) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        inside = is_guarded
        if isinstance(node, ast.FunctionDef):
            inside = inside or any(ast.unparse(one) == "changes" for one in node.decorator_list)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "may_change()":
            inside = True
        elif isinstance(node, ast.Call) and called_name(node) in names and not inside:
            yield called_name(node)
        elif isinstance(node, ast.keyword) and getattr(node.value, "attr", "") in names:
            # A method handed over as a callback.
            yield node.value.attr
        yield from below(node, names, is_guarded=inside)


INTERFACE = sorted([*(PROJECT / "urbansound/ui").rglob("*.py"), *(PROJECT / "pages").glob("*.py")])


@pytest.mark.parametrize("path", INTERFACE, ids=name_of)
def test_pages_change_nothing_without_asking_whether_they_may(path: Path) -> None:
    asked_before = {name for place, name in ASKED_BEFORE if place == name_of(path)}
    assert set(unguarded(tree_of(path))) == asked_before


@pytest.mark.parametrize(
    "code",
    [
        "from urbansound.runs.store import delete_run\ndef _delete(run):\n    delete_run(run)",
        "from urbansound.runs.exclusions import keep\nkeep(outputs, name)",
        "st.button('x', on_click=run.request_stop)",
    ],
)
def test_a_page_that_does_not_ask_is_noticed(code: str) -> None:
    assert list(unguarded(ast.parse(code))) != []
