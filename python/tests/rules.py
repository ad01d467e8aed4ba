"""What every module of the package keeps to, so that it runs on Python 3.9 and nothing else."""

from __future__ import annotations

import ast
from typing import Iterator, List

OLDEST = (3, 9)

#: All of the standard library that is used.
STANDARD = frozenset(
    "__future__ argparse array base64 binascii dataclasses datetime email gzip hashlib hmac http "
    "io json math os pathlib pickle random re socket ssl struct sys tempfile threading time types "
    "typing urllib uuid".split()
)
#: Used where it is there; module of the package -> what it may try.
OPTIONAL = {
    "artifact/tensors.py": {"numpy"},
    "artifact/keys.py": {"cryptography"},
    "convert_recotem.py": {"numpy"},
}
_TYPES = frozenset("str int float bool bytes dict list tuple set object type".split())


def problems(name: str, source: str) -> List[str]:
    """What is wrong with a module; ``name`` is its path inside the package."""
    try:
        tree = ast.parse(source, feature_version=OLDEST)
    except SyntaxError as error:
        return [f"{name}: not the syntax of Python 3.9: {error.msg}"]
    allowed = STANDARD | OPTIONAL.get(name, set())
    found = [f"{name}: imports {one}" for one in _imports(tree) if one not in allowed]
    if not any(isinstance(one, ast.ImportFrom) and one.module == "__future__" for one in tree.body):
        found.append(f"{name}: annotations are evaluated")
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and _is_type(node):
            found.append(f"{name}:{node.lineno}: X | Y as a type")
        if type(node).__name__ == "Match":
            found.append(f"{name}:{node.lineno}: match")
    return found


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name.split(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]


def _is_type(node: ast.BinOp) -> bool:
    return any(
        (isinstance(side, ast.Constant) and side.value is None)
        or (isinstance(side, ast.Name) and side.id in _TYPES)
        for side in (node.left, node.right)
    )
