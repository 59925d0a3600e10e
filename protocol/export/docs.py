"""Docstrings of the wire contract, read from the source at export time: running programs do not keep those of fields."""

import ast
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import ModuleType

__all__ = ["ModuleDocs", "read_docs"]


@dataclass(frozen=True, slots=True)
class ModuleDocs:
    """What one module says about its types."""

    module: str
    """The docstring of the module."""
    types: dict[str, str] = field(default_factory=dict)
    """Class or alias -> its docstring."""
    members: dict[tuple[str, str], str] = field(default_factory=dict)
    """Class and member, by their Python names -> the docstring of the member."""


def read_docs(module: ModuleType) -> ModuleDocs:
    """The docstrings in the source of a module. A string right under an assignment belongs to what is assigned."""
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    docs = ModuleDocs(module=ast.get_docstring(tree) or "")
    for name, text in _under_assignments(tree.body):
        docs.types[name] = text
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            docs.types[node.name] = ast.get_docstring(node) or ""
            for name, text in _under_assignments(node.body):
                docs.members[node.name, name] = text
    return docs


def _under_assignments(body: list[ast.stmt]) -> list[tuple[str, str]]:
    found = []
    for statement, below in pairwise(body):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        text = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else None
        if isinstance(target, ast.Name) and isinstance(text, str):
            found.append((target.id, " ".join(text.split())))
    return found
