"""Every promise has a proof where the list says it is, and no proof is missing from the list."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
PROMISES = range(1, 26)


def listed() -> dict[int, list[str]]:
    """Return what the list names as the proof of each promise."""
    lines = (HERE / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [re.match(r"\| (\d+) \|.*\|(.*)\|$", line) for line in lines]
    return {int(row[1]): re.findall(r"`([^`]+)`", row[2]) for row in rows if row}


def defined_in(path: Path) -> set[str]:
    """Return the tests that a file defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_each_number_names_proofs_that_exist() -> None:
    proofs = listed()
    assert sorted(proofs) == list(PROMISES)
    for number, names in proofs.items():
        assert names, number
        for name in names:
            path, _, test = name.partition("::")
            found = defined_in(HERE / path)
            assert test in found if test else found, name


def test_each_file_with_a_number_is_listed_under_it() -> None:
    proofs = listed()
    for path in HERE.glob("test_[0-9]*.py"):
        assert path.name in proofs[int(path.name[5:7])]
