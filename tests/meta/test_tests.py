"""Rules about the tests themselves."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from bot.config import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = sorted((HERE / "tests").rglob("test_*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef
# What looks at a result: an error or a sight that is expected.
LOOKING = {"raises", "expect"}


def functions(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def called(node: ast.AST) -> Iterator[str]:
    """The names of everything that is called inside."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            if isinstance(each.func, ast.Name):
                yield each.func.id
            elif isinstance(each.func, ast.Attribute):
                yield each.func.attr


def looks(node: ast.AST, helpers: set[str]) -> bool:
    asserts = any(isinstance(each, ast.Assert) for each in ast.walk(node))
    return asserts or bool((LOOKING | helpers) & set(called(node)))


def asserting_helpers() -> set[str]:
    """Functions of the tests that assert for those who call them."""
    trees = [
        ast.parse(file.read_text(encoding="utf-8")) for file in (HERE / "tests").rglob("*.py")
    ]
    return {
        node.name
        for tree in trees
        for node in functions(tree)
        if not node.name.startswith("test_") and looks(node, set())
    }


HELPERS = asserting_helpers()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_test_asserts_something(file: Path):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tests = [node for node in functions(tree) if node.name.startswith("test_")]
    assert tests
    assert [node.name for node in tests if not looks(node, HELPERS)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_test_is_skipped_or_expected_to_fail(file: Path):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert names & {"skip", "xfail", "importorskip"} == set()
