from __future__ import annotations

import re
import subprocess
import sys
import unittest
from pathlib import Path

from tests.rules import problems

PYTHON = Path(__file__).parent.parent
PACKAGE = PYTHON / "signalpath"
MODULES = sorted(PACKAGE.rglob("*.py"))


class Package(unittest.TestCase):
    def test_runs_on_the_oldest_python_and_the_standard_library(self):
        self.assertGreater(len(MODULES), 20)
        for module in MODULES:
            name = module.relative_to(PACKAGE).as_posix()
            with self.subTest(name):
                self.assertEqual(problems(name, module.read_text(encoding="utf-8")), [])

    def test_the_rules_object(self):
        future = "from __future__ import annotations\n"
        cases = {
            "syntax": future + "match 1:\n    case 1:\n        pass\n",
            "imports requests": future + "import requests.sessions\n",
            "imports numpy": future + "def f():\n    import numpy\n",
            "annotations": "import os\n",
            "as a type": future + "def f(a: int | None) -> None: ...\n",
        }
        for what, source in cases.items():
            with self.subTest(what):
                self.assertIn(what, " ".join(problems("x.py", source)))

    def test_files_stay_short(self):
        for module in [*MODULES, *sorted((PYTHON / "tests").glob("*.py"))]:
            with self.subTest(module.name):
                self.assertLessEqual(len(module.read_text(encoding="utf-8").splitlines()), 300)

    def test_the_project_file_names_every_package_and_the_version(self):
        text = (PYTHON / "pyproject.toml").read_text(encoding="utf-8")
        packages = {
            one.parent.relative_to(PYTHON).as_posix().replace("/", ".")
            for one in PACKAGE.rglob("__init__.py")
        }
        listed = re.search(r"^packages = \[(.*)\]$", text, re.MULTILINE)
        self.assertEqual(set(re.findall(r'"([^"]+)"', listed.group(1))), packages)
        version = re.search(r'^version = "([^"]+)"$', text, re.MULTILINE).group(1)
        code = "import signalpath; print(signalpath.__version__)"
        told = subprocess.run(
            [sys.executable, "-B", "-W", "error", "-c", code],
            cwd=PYTHON, capture_output=True, text=True, check=True,
        )
        self.assertEqual(told.stdout.strip(), version)


if __name__ == "__main__":
    unittest.main()
