"""The arrows between the packages, and what no file of them may do."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("nmt", "training", "service")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MOST_LINES = 350
# What search may know of the library: sentences in, options, errors, ids. No model, engine, tokenizer or translator.
SEARCH_MAY_IMPORT = ("nmt.batch", "nmt.config", "nmt.errors", "nmt.options", "nmt.search", "nmt.vocabulary")
UNPICKLERS = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
REGISTRY = re.compile(r"https?://[\w.:@-]*(pypi|pythonhosted|download\.pytorch|anaconda|conda-forge|npmjs|docker\.io)")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.AST) -> set[str]:
    """Every module that a file names in an import, wherever it stands; `from a import b` gives a and a.b."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


IMPORTS = {name_of(path): imported(ast.parse(path.read_bytes())) for path in MODULES}
ARROWS = {"nmt": ("training", "service"), "training": ("service",), "service": ("training",)}


@pytest.mark.parametrize("package", PACKAGES)
def test_service_and_training_import_nmt_and_nothing_else_of_ours(package: str) -> None:
    crossing = {
        module: found
        for module, names in IMPORTS.items()
        if within(module, (package,)) and (found := {name for name in names if within(name, ARROWS[package])})
    }
    assert not crossing


def test_search_knows_a_scorer_and_never_a_model() -> None:
    known = {name for module, names in IMPORTS.items() if within(module, ("nmt.search",)) for name in names}
    ours = {name for name in known if within(name, PACKAGES) and name != "nmt"}
    assert ours
    assert {name for name in ours if not within(name, SEARCH_MAY_IMPORT)} == set()


def test_what_search_imports_does_not_lead_to_a_model_either() -> None:
    reached, waiting = set(), [module for module in IMPORTS if within(module, ("nmt.search",))]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += [name for name in IMPORTS[module] if name in IMPORTS and name != "nmt"]
    assert {module for module in reached if not within(module, SEARCH_MAY_IMPORT)} == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_file_holds_one_noun(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_is_unpickled(path: Path) -> None:
    tree = ast.parse(path.read_bytes())
    assert not {name.partition(".")[0] for name in imported(tree)} & UNPICKLERS
    assert not list(unsafe_loads(tree))


def unsafe_loads(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "load"):
            continue
        options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        if ast.unparse(node.func) == "torch.load" and options.get("weights_only") != "True":
            yield ast.unparse(node)
        if options.get("allow_pickle", "False") != "False":
            yield ast.unparse(node)


def test_unsafe_loads_are_seen() -> None:
    sources = ["torch.load(path)", "torch.load(path, weights_only=False)", "np.load(path, allow_pickle=True)"]
    assert all(list(unsafe_loads(ast.parse(source))) for source in sources)
    assert not list(unsafe_loads(ast.parse("torch.load(path, weights_only=True); np.load(path); json.load(file)")))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_code_is_a_package(package: str) -> None:
    folders = {path.parent for path in MODULES if within(name_of(path), (package,))}
    assert {folder for folder in folders if not (folder / "__init__.py").exists()} == set()


def text_files() -> list[Path]:
    """What is, or would be, committed; where there is no repository, what a copy of it would hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [*MODULES, *(ROOT / "tests").rglob("*.py"), *(path for path in ROOT.iterdir() if path.is_file())]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8192]]


def test_no_file_names_the_host_of_a_package_registry() -> None:
    found = {str(path.relative_to(ROOT)) for path in text_files() if REGISTRY.search(path.read_text(errors="replace"))}
    assert found == set()


def test_a_registry_is_recognised() -> None:
    assert REGISTRY.search("--index-url " + "https:" + "//download." + "pytorch.org/whl/cpu")
    assert not REGISTRY.search("http://127.0.0.1:8000/translate")


@pytest.mark.parametrize(
    "statement",
    ["import nmt", "import nmt.cli", "import sys; sys.argv = ['nmt', '--help']; from nmt.cli import main; main()"],
)
def test_the_command_line_is_there_before_torch(statement: str) -> None:
    code = f"import atexit, sys; atexit.register(lambda: print('torch' in sys.modules, file=sys.stderr)); {statement}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "False"
