"""Ranges, exact versions and make targets belong together."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("nmt", "training", "service")
MODULES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
COMES_WITH = {
    "multipart": "python-multipart", "pydantic_core": "pydantic", "re2": "google-re2", "starlette": "fastapi"
}  # fmt: skip
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RANGES = [
    Requirement(text)
    for texts in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for text in texts
]
PINS = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]


def test_every_line_of_the_constraints_is_one_exact_public_version() -> None:
    assert [pin for pin in PINS if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", pin)] == []


@pytest.mark.parametrize("wanted", RANGES, ids=lambda wanted: wanted.name)
def test_the_exact_version_is_within_the_range(wanted: Requirement) -> None:
    versions = {canonicalize_name(name): version for name, version in (pin.split("==") for pin in PINS)}
    assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)])


def test_what_the_packages_import_is_installed_with_them() -> None:
    imported = {name.partition(".")[0] for path in MODULES for name in modules_of(path)} - sys.stdlib_module_names
    named = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    needed = {canonicalize_name(COMES_WITH.get(name, name)) for name in imported - set(PACKAGES)}
    assert needed - named == set()


def modules_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_alone_teaches_its_targets() -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    shown = subprocess.run(["make"], cwd=ROOT, env=clean, capture_output=True, text=True, check=True).stdout
    (targets,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [target for target in targets.split() if not re.search(rf"^  {target} ", shown, re.MULTILINE)] == []
