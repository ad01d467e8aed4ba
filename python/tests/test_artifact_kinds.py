from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import tempfile
import unittest
from pathlib import Path

from signalpath import artifact
from signalpath.artifact.cli import main
from tests.test_artifact import SECRET, signed


class Kinds(unittest.TestCase):
    def test_a_matrix_and_a_mapping_are_one_model(self):
        ids = ["c", "a", "b"]
        dense = [[9, 0.5, 0], [0.25, 9, -1], [0, 0, 9]]
        mapped = {"c": {"a": 0.5}, "a": {"c": 0.25, "b": -1}}
        one = artifact.similarity(ids, dense, kind="ease", histories={"u": ["c"]})
        two = artifact.similarity(ids, mapped, kind="ease", histories={"u": ["c"]})
        self.assertEqual(signed(one), signed(two))
        self.assertEqual(list(one.tensors["neighbours.indptr"].values()), [0, 2, 2, 3])
        self.assertEqual(list(one.tensors["neighbours.items"].values()), [1, 2, 0])
        self.assertEqual(list(one.tensors["neighbours.weights"].values()), [-1, 0.25, 0.5])

    def test_factors_move_with_their_ids(self):
        model = artifact.factors(["v", "u"], ["b", "a"], [[1, 2], [3, 4]], [[5, 6], [7, 8]])
        self.assertEqual(model.tensors["user_factors"].rows(), [[3, 4], [1, 2]])
        self.assertEqual(model.tensors["item_factors"].rows(), [[7, 8], [5, 6]])
        self.assertEqual(model.tensors["gram"].rows(), [[74, 86], [86, 100]])

    def test_the_fold_in_matrix_solves_the_mean_user(self):
        # One user, every item once: W must be exactly that user's inverse.
        items = [[1.0, 0.5], [0.25, -1.0], [2.0, 0.0]]
        model = artifact.factors(
            ["u"], ["a", "b", "c"], [[0.0, 0.0]], items,
            alpha=0.5, reg=0.1, nu=1, histories={"u": ["a", "b", "c"]},
        )
        whole = [[0.0, 0.0], [0.0, 0.0]]
        for row in items:
            for i in range(2):
                for j in range(2):
                    whole[i][j] += 1.5 * row[i] * row[j]
        for i in range(2):
            whole[i][i] += 0.1 * (3 + 0.5 * 3)
        inverse = model.tensors["fold_in"].rows()
        for i in range(2):
            for j in range(2):
                product = sum(whole[i][k] * inverse[k][j] for k in range(2))
                self.assertAlmostEqual(product, float(i == j), places=5)

    def test_numbers_that_are_no_model(self):
        bad = [
            lambda: artifact.popularity({"a": -1}),
            lambda: artifact.popularity({"a": 1}, histories={"u": ["b"]}),
            lambda: artifact.popularity({"a": 1}, histories={"u": {"a": 0}}),
            lambda: artifact.popularity({"a": float("inf")}),
            lambda: artifact.similarity(["a", "a"], [[0, 0], [0, 0]]),
            lambda: artifact.similarity(["a"], [[0, 0]]),
            lambda: artifact.similarity(["a"], {"b": {}}),
            lambda: artifact.similarity(["a"], [[0]], kind="ials"),
            lambda: artifact.factors(["u"], ["a"], [[1, 2]], [[1]]),
            lambda: artifact.factors(["u"], ["a"], [], [[1]]),
            lambda: artifact.factors(["u"], ["a"], [[1]], [[1]], histories={"w": ["a"]}),
            lambda: artifact.factors(["u"], ["a"], [[1]], [[1]], alpha=0),
            lambda: artifact.popularity({"\ud800": 1}),
        ]
        for number, call in enumerate(bad):
            with self.subTest(number), self.assertRaises(ValueError):
                call()


class CommandLine(unittest.TestCase):
    def run_main(self, *arguments, env=None):
        out, err = io.StringIO(), io.StringIO()
        environment = {"SECRET_KEY": "a secret of the house"} if env is None else env
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(one) for one in arguments], environment)
        return code, json.loads(out.getvalue() or "null"), json.loads(err.getvalue() or "null")

    def test_write_verify_inspect_sign(self):
        numbers = ("--model-id", 7, "--project-id", 1, "--version", 3)
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder, "model.json")
            told.write_text(json.dumps({"item_ids": ["b", "a"], "weights": {"a": {"b": 1}}}))
            code, row, _ = self.run_main(
                "write", "--kind", "item-knn", "--input", told, *numbers, "--media-root", folder
            )
            self.assertEqual((code, row["model_id"], row["kind"]), (0, 7, "item-knn"))
            file = Path(folder, row["file"])
            code, found, _ = self.run_main("verify", file)
            self.assertEqual((code, found["sha256"]), (0, row["sha256"]))
            code, found, _ = self.run_main("inspect", file, env={})
            self.assertEqual((code, found["verified"]), (0, False))
            code, _, why = self.run_main("verify", file, env={"SECRET_KEY": "another"})
            self.assertEqual((code, why["code"]), (1, "MODEL_KEY_UNKNOWN"))

            secret = base64.b64encode(bytes(range(40))).decode()
            both = {"MODEL_SIGNING_KEYS": f"n:{secret},{SECRET.key_id}:{base64.b64encode(SECRET.material).decode()}"}
            out = Path(folder, "new.spm")
            code, row, _ = self.run_main("sign", file, "--out", out, env=both)
            code, found, _ = self.run_main("verify", out, env={"MODEL_SIGNING_KEYS": f"n:{secret}"})
            self.assertEqual((code, found["key_id"]), (0, "n"))

    def test_what_is_refused_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder, "model.json")
            told.write_text("{}")
            arguments = ("write", "--kind", "ials", "--input", told, "--model-id", 1,
                         "--project-id", 1, "--version", 1, "--out", Path(folder, "x.spm"))
            code, _, why = self.run_main(*arguments)
            self.assertEqual((code, why["detail"]), (1, "the input of kind ials needs 'user_ids'"))
            code, _, why = self.run_main(*arguments, env={})
            self.assertEqual((code, "SECRET_KEY" in why["detail"]), (1, True))
            self.assertEqual(os.listdir(folder), ["model.json"])


if __name__ == "__main__":
    unittest.main()
