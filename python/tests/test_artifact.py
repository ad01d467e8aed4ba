from __future__ import annotations

import base64
import json
import os
import struct
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from signalpath import artifact
from signalpath.artifact import ModelFileError, keys, payload, strings
from signalpath.artifact.envelope import seal, split

SECRET = artifact.derive_key("a secret of the house")
RING = artifact.KeyRing({SECRET.key_id: SECRET})
TIME = "2026-01-31T12:00:00.000Z"


def signed(model=None, key=SECRET, **more):
    model = model or artifact.popularity({"b": 2, "a": 3.5})
    told = {"model_id": 7, "project_id": 1, "version": 2, "created_at": TIME, **more}
    return artifact.encode_model(model, key, **told)


def header_of(data):
    body = split(data).payload
    (length,) = struct.unpack_from("<Q", body, 0)
    return json.loads(bytes(body[8 : 8 + length])), bytes(body[8 + length :])


def payload_of(header, data=b""):
    text = header if isinstance(header, str) else payload.canonical(header)
    raw = text.encode("utf-8")
    raw += b" " * (-(8 + len(raw)) % 64)
    return memoryview(struct.pack("<Q", len(raw)) + raw + data)


class RefusedBy:
    def assert_refused(self, code, call):
        with self.assertRaises(ModelFileError) as caught:
            call()
        self.assertEqual(caught.exception.code, code)


class Files(RefusedBy, unittest.TestCase):
    def test_what_is_written_is_read_back(self):
        model = artifact.popularity({"é": 1, "b": 2, "a": 3.5}, histories={"u": ["a", "b"]})
        found = artifact.decode(signed(model, metrics={"ndcg": 0.3}, parent="7/1"), RING)
        self.assertEqual((found.metadata.kind, found.metadata.version), ("popular", 2))
        self.assertEqual((found.metadata.rows, found.metadata.parent), (2, "7/1"))
        self.assertEqual(dict(found.metadata.metrics), {"ndcg": 0.3})
        self.assertEqual(found.strings("item_ids"), ["a", "b", "é"])
        self.assertEqual(list(found.tensors["popularity"].values()), [3.5, 2.0, 1.0])
        self.assertEqual(list(found.tensors["history.items"].values()), [0, 1])
        with self.assertRaises(KeyError):
            found.strings("no_ids")

    def test_equal_models_are_equal_bytes(self):
        one = artifact.popularity({"a": 1, "b": 2}, histories={"u": ["a"], "v": []})
        two = artifact.popularity({"b": 2, "a": 1}, histories={"v": [], "u": {"a": 1}})
        self.assertEqual(signed(one), signed(two))

    def test_every_changed_byte_is_noticed(self):
        data = signed()
        for at in range(len(data)):
            changed = bytearray(data)
            changed[at] ^= 1
            with self.subTest(at), self.assertRaises(ModelFileError):
                artifact.decode(bytes(changed), RING)

    def test_every_shorter_file_is_noticed(self):
        data = signed()
        for length in range(len(data)):
            with self.subTest(length), self.assertRaises(ModelFileError):
                artifact.decode(data[:length], RING)
        self.assert_refused("MODEL_TRUNCATED", lambda: artifact.decode(data + b"\0", RING))

    def test_codes_of_the_envelope(self):
        data = signed()
        other = artifact.derive_key("another")
        cases = [
            ("MODEL_NOT_AN_ARTEFACT", b"PK\x03\x04" + data),
            ("MODEL_UNSIGNED", b"\x80\x04pickle"),
            ("MODEL_UNSIGNED", data[:4] + b"\0" + data[5:]),
            ("MODEL_ALGORITHM_UNKNOWN", data[:4] + b"\7" + data[5:]),
            ("MODEL_KEY_UNKNOWN", signed(key=other)),
            ("MODEL_SIGNATURE_INVALID", data[:-1] + b"\1"),
            ("MODEL_TRUNCATED", data[:40]),
        ]
        for code, broken in cases:
            with self.subTest(code):
                self.assert_refused(code, lambda: artifact.decode(broken, RING))

    def test_a_public_key_is_no_hmac_secret(self):
        public = keys._PUBLIC_DER + bytes(32)
        ring = artifact.parse_keys("k:" + base64.b64encode(public).decode())
        forged = signed(key=artifact.Key("k", keys.HMAC_SHA256, True, public))
        self.assert_refused("MODEL_SIGNATURE_INVALID", lambda: artifact.decode(forged, ring))

    def test_signing_anew_keeps_the_payload_and_asks_for_a_good_signature(self):
        new = artifact.derive_key("new")
        data = signed()
        again = artifact.resign(data, RING, new)
        self.assertEqual(split(again).payload, split(data).payload)
        self.assertEqual(artifact.decode(again, artifact.KeyRing({new.key_id: new})).key_id, new.key_id)
        with self.assertRaises(ModelFileError):
            artifact.resign(again, RING, SECRET)

    def test_files_are_whole_and_never_change(self):
        data = signed()
        metadata = artifact.decode(data, RING).metadata
        with tempfile.TemporaryDirectory() as root:
            path = artifact.publish(root, metadata, data)
            self.assertRegex(path, r"^7/2-[0-9a-f]{12}\.spm$")
            artifact.publish(root, metadata, data)
            self.assertEqual(artifact.read_file(Path(root, path)), data)
            with self.assertRaises(FileExistsError):
                artifact.write_file(Path(root, path), data + b"x")
            self.assertEqual(os.listdir(Path(root, "7")), [path[2:]])
            self.assert_refused("MODEL_FILE_MISSING", lambda: artifact.read_file(Path(root, "x")))

    def test_metadata_that_no_reader_would_take_is_not_written(self):
        for wrong in (
            {"version": 0},
            {"model_id": 2**53},
            {"created_at": "2026-02-31T12:00:00.000Z"},
            {"created_at": "2026-01-31"},
            {"data_digest": "AB"},
            {"parent": "7"},
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                signed(**wrong)


    def test_metadata_that_is_no_json(self):
        texts = artifact.decode(signed(), RING).metadata.texts()
        for wrong in ('{"a":NaN}', "[]", "{", '{"a":' + "[" * 100_000):
            with self.subTest(wrong[:20]):
                told = {**texts, "hyperparameters": wrong}
                self.assert_refused(
                    "MODEL_HEADER_INVALID", lambda: artifact.Metadata.from_texts(told)
                )


class Payloads(RefusedBy, unittest.TestCase):
    def test_tensors_are_aligned_and_without_holes(self):
        header, data = header_of(signed())
        spans = sorted(one["data_offsets"] for name, one in header.items() if name != "__metadata__")
        self.assertEqual(spans[0][0], 0)
        self.assertEqual(spans[-1][1], len(data))
        self.assertTrue(all(left[1] == right[0] for left, right in zip(spans, spans[1:])))
        for name, one in header.items():
            if name != "__metadata__" and not name.startswith("_pad."):
                self.assertEqual(one["data_offsets"][0] % 64, 0)

    def test_headers_that_are_refused(self):
        def one(begin, end, shape=None, dtype="U8"):
            return {"dtype": dtype, "shape": shape or [end - begin], "data_offsets": [begin, end]}

        meta = {"__metadata__": {}}
        whole = payload.canonical({**meta, "a": one(0, 1)})
        invalid = [
            ("{}", 0),
            ("[]", 0),
            ('{"__metadata__":{"a":1}}', 0),
            ('{ "__metadata__":{}}', 0),
            (whole[:-1] + ',"a":' + payload.canonical(one(0, 1)) + "}", 1),
            (whole.replace('"a"', '"\\u0061"'), 1),
            (whole.replace("[0,1]", "[0,1.0]"), 1),
            (whole.replace("[0,1]", "[-1,1]"), 1),
            (whole.replace("U8", "F16"), 1),
            (whole.replace('"a"', '"A"'), 1),
            ("[" * 5_000, 0),
        ]
        for header, size in invalid:
            with self.subTest(header[:60]):
                self.assert_refused(
                    "MODEL_HEADER_INVALID",
                    lambda: payload.decode_payload(payload_of(header, bytes(size))),
                )
        bounds = [
            ({**meta, "a": one(0, 64), "b": one(32, 96)}, 96),
            ({**meta, "a": one(0, 64), "b": one(128, 192)}, 192),
            ({**meta, "a": one(0, 3), "b": one(3, 7)}, 7),
            ({**meta, "a": one(0, 64)}, 65),
            ({**meta, "a": one(0, 64)}, 63),
            ({**meta, "a": one(0, 4, [5])}, 4),
            ({**meta, "_pad.0": one(0, 64)}, 64),
        ]
        for header, size in bounds:
            with self.subTest(payload.canonical(header)):
                self.assert_refused(
                    "MODEL_BOUNDS_INVALID",
                    lambda: payload.decode_payload(payload_of(header, bytes(size))),
                )

    def test_numbers_that_are_not_finite(self):
        nan = struct.pack("<f", float("nan"))
        header = {"__metadata__": {}, "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
        self.assert_refused(
            "MODEL_NOT_FINITE", lambda: payload.decode_payload(payload_of(header, nan))
        )
        with self.assertRaises(ValueError):
            artifact.tensor("F32", [1], [1e39])
        with self.assertRaises(ValueError):
            artifact.tensor("U8", [1], [256])

    def test_tables_of_strings(self):
        good = strings.encode_strings("item_ids", ["", "a", "\ud7ff", "\U00010000"])
        self.assertEqual(strings.decode_strings("item_ids", good), ["", "a", "\ud7ff", "\U00010000"])
        broken = {
            "order": strings.encode_strings("item_ids", ["b", "a"]),
            "twice": strings.encode_strings("item_ids", ["a", "a"]),
            "half": {"item_ids.bytes": good["item_ids.bytes"]},
            "utf-8": {**strings.encode_strings("item_ids", ["é"]), "item_ids.bytes": artifact.tensor("U8", [2], [255, 255])},
        }
        for name, tensors in broken.items():
            with self.subTest(name):
                self.assert_refused(
                    "MODEL_STRINGS_INVALID", lambda: strings.decode_strings("item_ids", tensors)
                )


class Keys(unittest.TestCase):
    def test_the_key_of_a_secret(self):
        # HKDF-SHA256, no salt, info "model-signing", checked against Node's hkdfSync.
        key = artifact.derive_key("abcdefgh")
        self.assertEqual(key.key_id, "secret-c4b415f0")
        self.assertNotIn(key.material.hex(), repr(key))

    def test_what_is_no_key(self):
        secret = base64.b64encode(bytes(range(32))).decode()
        for text in ("", "k", f"k:{secret}x", f"k:{secret[:-1]}", f"k{secret}", f"a b:{secret}",
                     f"k:{secret},k:{secret}", "k:" + base64.b64encode(bytes(31)).decode()):
            with self.subTest(text), self.assertRaises(ValueError):
                artifact.parse_keys(text)
        with self.assertRaises(ValueError):
            artifact.keys_from({})

    def test_the_first_key_that_can_sign_signs(self):
        public = base64.b64encode(keys._PUBLIC_DER + bytes(32)).decode()
        secret = base64.b64encode(bytes(range(32))).decode()
        ring = artifact.parse_keys(f"p:{public},a:{secret},b:{secret}")
        self.assertEqual(ring.signing_key().key_id, "a")
        self.assertEqual(ring.signing_key("b").key_id, "b")
        with self.assertRaises(ValueError):
            ring.signing_key("p")

    def test_ed25519(self):
        try:
            import cryptography  # noqa: F401
        except ImportError:
            self.skipTest("cryptography is not installed")
        # RFC 8032, section 7.1, test 1.
        private = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
        public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        signer = artifact.Key("ed", keys.ED25519, True, keys._PRIVATE_DER + private)
        checker = artifact.Key("ed", keys.ED25519, False, keys._PUBLIC_DER + public)
        self.assertTrue(signer.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a"))
        data = signed(key=signer)
        self.assertEqual(artifact.decode(data, artifact.KeyRing({"ed": checker})).algorithm, 2)
        self.assertEqual(artifact.decode(data, artifact.KeyRing({"ed": signer})).algorithm, 2)
        changed = seal(bytes(split(data).payload), signer)[:-1] + b"\1"
        with self.assertRaises(ModelFileError):
            artifact.decode(changed, artifact.KeyRing({"ed": checker}))

    def test_without_cryptography_the_error_says_what_to_install(self):
        key = artifact.Key("ed", keys.ED25519, True, keys._PRIVATE_DER + bytes(32))
        hidden = {name: None for name in ("cryptography", "cryptography.hazmat.primitives")}
        with mock.patch.dict("sys.modules", hidden), self.assertRaises(ModelFileError) as caught:
            key.sign(b"x")
        self.assertIn("pip install", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
