"""Checks an ``import_path`` without importing the module, which could start something."""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path


def mistake_in_import(import_path: str) -> str | None:
    """Why ``module:name`` or ``module.name`` cannot be imported; None if it can, as far as is seen."""
    module, _, name = import_path.rpartition(":" if ":" in import_path else ".")
    try:
        spec = find_spec(module) if module else None
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return f"there is no module {module or import_path}"
    if spec.origin is None or not spec.origin.endswith(".py"):
        return None
    tree = ast.parse(Path(spec.origin).read_text())
    names = set(_names(tree))
    if name in names or names & {"*", "__getattr__"}:
        return None
    return f"{module} has no {name}"


def _names(tree: ast.Module) -> Iterator[str]:
    """What the module may define, also under conditions."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.alias():
                yield node.asname or node.name.partition(".")[0]
