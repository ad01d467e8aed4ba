from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import json
import pickle
import tempfile
import unittest
from pathlib import Path

from signalpath import artifact
from signalpath.convert_recotem import convert, load, main, verified_payload

SECRET = "recotem's secret"
RAN = []


def _run(what):
    RAN.append(what)


class IDMappedRecommender:
    def __init__(self, recommender, user_ids, item_ids):
        self.recommender = recommender
        self.user_ids = user_ids
        self.item_ids = item_ids


class Hostile:
    def __reduce__(self):
        return _run, ("unpickled",)


class Sparse:
    """Rows of numbers that look like a sparse matrix of scipy."""

    def __init__(self, rows):
        self.shape = (len(rows), len(rows[0]))
        self.indptr, self.indices, self.data = [0], [], []
        for row in rows:
            for column, value in enumerate(row):
                if value:
                    self.indices.append(column)
                    self.data.append(value)
            self.indptr.append(len(self.indices))

    def tocsr(self):
        return self

    def sum_duplicates(self):
        pass


TRAIN = [[1, 0, 0, 1], [0, 1, 0, 0], [1, 1, 0, 0]]
WEIGHTS = [[1, 0.5, 0, 0.25], [0.5, 1, 0.1, 0], [0, 0.1, 1, 0], [0.25, 0, 0, 1]]


class CosineKNNRecommender:
    def __init__(self, sparse=False, lie=0.0):
        self.X_train_all = Sparse(TRAIN) if sparse else TRAIN
        self.W = Sparse(WEIGHTS) if sparse else WEIGHTS
        self.lie = lie

    def get_score(self, users):
        return [
            [sum(TRAIN[u][i] * WEIGHTS[i][j] for i in range(4)) + self.lie for j in range(4)]
            for u in users
        ]


class IALSRecommender:
    alpha0, reg, nu = 0.2, 0.05, 1.0
    X_train_all = TRAIN
    users = [[1.0, 0.5], [0.0, 2.0], [-1.0, 0.25]]
    items = [[0.5, 0.5], [1.0, -1.0], [0.25, 0.0], [2.0, 1.0]]

    def get_user_embedding(self):
        return self.users

    def get_item_embedding(self):
        return self.items

    def get_score(self, users):
        return [
            [sum(a * b for a, b in zip(self.users[u], item)) for item in self.items] for u in users
        ]


class NMFRecommender:
    X_train_all = TRAIN
    W = IALSRecommender.users
    H = list(zip(*IALSRecommender.items))
    get_score = IALSRecommender.get_score
    users, items = IALSRecommender.users, IALSRecommender.items


class TopPopRecommender:
    X_train_all = TRAIN
    score_ = [[2.0, 2.0, 0.0, 1.0]]

    def get_score(self, users):
        return [self.score_[0] for _ in users]


class UserSimilarityRecommender:
    X_train_all = TRAIN
    U = [[1]]


def mapped(recommender):
    return IDMappedRecommender(recommender, ["u2", "u1", "u3"], [30, 10, 20, "é"])


def file_of(recommender, secret=SECRET):
    told = {"id_mapped_recommender": mapped(recommender), "irspack_version": "0.4.0", "recotem_trained_model_id": 12}
    body = pickle.dumps(told)
    return hmac.new(secret.encode(), body, hashlib.sha256).digest() + body


class Signature(unittest.TestCase):
    def test_nothing_is_unpickled_before_its_signature_is_right(self):
        body = pickle.dumps(Hostile())
        RAN.clear()
        for data in (bytes(32) + body, body, b"RECOTEM\0" + bytes(40), b"short"):
            with self.subTest(data[:8]), self.assertRaises(artifact.ModelFileError):
                load(verified_payload(data, SECRET))
        self.assertEqual(RAN, [])

    def test_another_pickle_is_no_model(self):
        with self.assertRaises(ValueError):
            load(pickle.dumps({"a": 1}))


class Models(unittest.TestCase):
    def test_similarities_keep_their_scores(self):
        for sparse in (False, True):
            model = convert(mapped(CosineKNNRecommender(sparse)))
            self.assertEqual(model.kind, "item-knn")
            self.assertEqual(list(model.tensors["neighbours.indptr"].values()), [0, 2, 3, 5, 6])
            self.assertEqual(list(model.tensors["history.indptr"].values()), [0, 1, 3, 5])

    def test_factors_and_their_hyperparameters(self):
        model = convert(mapped(IALSRecommender()))
        self.assertEqual(model.kind, "ials")
        self.assertEqual(dict(model.hyperparameters), {"factors": 2, "alpha": 0.2, "reg": 0.05, "nu": 1.0})

    def test_an_alpha_of_zero_is_the_smallest_there_is(self):
        inner = IALSRecommender()
        inner.alpha0 = 0.0
        self.assertEqual(convert(mapped(inner)).hyperparameters["alpha"], 1e-6)

    def test_factors_that_lie_the_other_way(self):
        one, two = convert(mapped(NMFRecommender())), convert(mapped(IALSRecommender()))
        for name in ("user_factors", "item_factors"):
            self.assertEqual(one.tensors[name].data, two.tensors[name].data)

    def test_counts(self):
        model = convert(mapped(TopPopRecommender()))
        self.assertEqual(list(model.tensors["popularity"].values()), [2.0, 0.0, 2.0, 1.0])

    def test_a_model_whose_numbers_do_not_say_its_scores_is_refused(self):
        with self.assertRaisesRegex(ValueError, "otherwise"):
            convert(mapped(CosineKNNRecommender(lie=0.1)))

    def test_a_recommender_without_a_form_here_is_named(self):
        with self.assertRaisesRegex(ValueError, "UserSimilarityRecommender"):
            convert(mapped(UserSimilarityRecommender()))


class CommandLine(unittest.TestCase):
    def test_a_file_becomes_an_artefact(self):
        keys = {"RECOTEM_SECRET_KEY": SECRET, "SECRET_KEY": "ours"}
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "model-12.pkl")
            source.write_bytes(file_of(CosineKNNRecommender()))
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                code = main([str(source), "--project-id", "1", "--media-root", folder], keys)
            row = json.loads(out.getvalue())
            self.assertEqual((code, row["model_id"], row["version"]), (0, 12, 1))
            data = artifact.read_file(Path(folder, row["file"]))
            found = artifact.decode(data, artifact.keys_from(keys))
            self.assertEqual(found.strings("item_ids"), ["10", "20", "30", "é"])
            self.assertEqual(found.metadata.metrics["algorithm"], "CosineKNNRecommender")

    def test_a_wrong_secret_writes_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "m.pkl")
            source.write_bytes(file_of(CosineKNNRecommender(), "another"))
            err = io.StringIO()
            with contextlib.redirect_stderr(err):
                code = main([str(source), "--project-id", "1", "--media-root", folder], {"SECRET_KEY": SECRET})
            self.assertEqual((code, json.loads(err.getvalue())["code"]), (1, "MODEL_SIGNATURE_INVALID"))
            self.assertEqual([one.name for one in Path(folder).iterdir()], ["m.pkl"])


if __name__ == "__main__":
    unittest.main()
