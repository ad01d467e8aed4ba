"""Command line of artefacts. Keys come from the environment, never from arguments."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from . import files
from .errors import ModelFileError
from .keys import keys_from
from .kinds import SIMILARITY_KINDS, Model, factors, popularity, similarity
from .metadata import Metadata, utc_now
from .tensors import numpy

_KEYS_NEEDED = "keys: MODEL_SIGNING_KEYS (kid:base64,...) or SECRET_KEY in the environment"


def main(argv: Optional[List[str]] = None, environment: Optional[Mapping[str, str]] = None) -> int:
    """Runs one command; 0 done, 1 refused, 2 called wrongly. Answers are JSON on stdout."""
    arguments = _parser().parse_args(argv)
    try:
        answer = arguments.run(arguments, os.environ if environment is None else environment)
    except ModelFileError as error:
        print(json.dumps({"code": error.code, "detail": error.args[0]}), file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:
        print(json.dumps({"code": type(error).__name__, "detail": str(error)}), file=sys.stderr)
        return 1
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def model_from(kind: str, told: Mapping[str, Any]) -> Model:
    """A model from the fields of an input file, see ARTIFACT.md."""
    histories = told.get("histories")
    try:
        if kind == "popular":
            return popularity(told["counts"], histories=histories)
        if kind == "ials":
            more = {name: told[name] for name in ("alpha", "reg", "nu", "fold_in") if name in told}
            return factors(
                told["user_ids"],
                told["item_ids"],
                told["user_factors"],
                told["item_factors"],
                histories=histories,
                **more,
            )
        return similarity(told["item_ids"], told["weights"], kind=kind, histories=histories)
    except KeyError as error:
        raise ValueError(f"the input of kind {kind} needs {error}") from error


def _write(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Dict[str, Any]:
    keys = keys_from(environment)
    model = model_from(arguments.kind, _read_input(arguments.input))
    digest = hashlib.sha256(arguments.data.read_bytes()).hexdigest() if arguments.data else None
    data = files.encode_model(
        model,
        keys.signing_key(arguments.key_id),
        model_id=arguments.model_id,
        project_id=arguments.project_id,
        version=arguments.version,
        created_at=arguments.created_at or utc_now(),
        data_digest=digest,
    )
    return _put(data, arguments)


def _sign(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Dict[str, Any]:
    keys = keys_from(environment)
    data = files.read_file(arguments.file)
    return _put(files.resign(data, keys, keys.signing_key(arguments.key_id)), arguments)


def _verify(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Dict[str, Any]:
    keys = keys_from(environment)
    return files.describe(files.decode(files.read_file(arguments.file), keys))


def _inspect(arguments: argparse.Namespace, _: Mapping[str, str]) -> Dict[str, Any]:
    found = files.decode_unverified(files.read_file(arguments.file))
    return {"verified": False, **files.describe(found)}


def _put(data: bytes, arguments: argparse.Namespace) -> Dict[str, Any]:
    metadata = files.decode_unverified(data).metadata
    if arguments.out is not None:
        files.write_file(arguments.out, data)
        where = str(arguments.out)
    else:
        where = files.publish(arguments.media_root, metadata, data)
    return row_of(metadata, where, data)


def row_of(metadata: Metadata, where: str, data: bytes) -> Dict[str, Any]:
    """What the catalogue has to say about a file."""
    return {
        "model_id": metadata.model_id,
        "project_id": metadata.project_id,
        "version": metadata.version,
        "kind": metadata.kind,
        "file": where,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
    }


def _read_input(path: Path) -> Mapping[str, Any]:
    if path.suffix != ".npz":
        told = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(told, dict):
            raise ValueError("the input is one JSON object")
        return told
    if numpy is None:
        raise ValueError("an .npz input needs numpy: pip install 'signalpath[numpy]'")
    with numpy.load(path, allow_pickle=False) as arrays:
        named = {name: arrays[name] for name in arrays.files}
    for name in ("user_ids", "item_ids"):
        if name in named:
            named[name] = [str(one) for one in named[name]]
    for name in ("alpha", "reg", "nu"):
        if name in named:
            named[name] = float(named[name])
    return named


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="signalpath.artifact", epilog=_KEYS_NEEDED)
    commands = parser.add_subparsers(required=True, metavar="write | sign | verify | inspect")

    write = commands.add_parser("write", help="a signed artefact from numbers", epilog=_KEYS_NEEDED)
    write.add_argument("--kind", required=True, choices=("popular", "ials", *SIMILARITY_KINDS))
    write.add_argument("--input", required=True, type=Path, help=".json, or .npz with numpy")
    write.add_argument("--model-id", required=True, type=int)
    write.add_argument("--project-id", required=True, type=int)
    write.add_argument("--version", required=True, type=int)
    write.add_argument("--data", type=Path, help="training data, for its digest")
    write.add_argument("--created-at", help="2026-01-31T12:00:00.000Z; now unless told")
    _target(write)
    write.set_defaults(run=_write)

    sign = commands.add_parser("sign", help="another signature on a verified artefact")
    sign.add_argument("file", type=Path)
    _target(sign)
    sign.set_defaults(run=_sign)

    for name, run, what in (
        ("verify", _verify, "checks signature and content, prints what it holds"),
        ("inspect", _inspect, "prints what it holds, without a key and unverified"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("file", type=Path)
        command.set_defaults(run=run)
    return parser


def _target(command: argparse.ArgumentParser) -> None:
    command.add_argument("--key-id", help="key that signs; else the first that can")
    target = command.add_mutually_exclusive_group(required=True)
    target.add_argument("--out", type=Path, help="file to write")
    target.add_argument("--media-root", type=Path, help="writes <model>/<version>-<sha12>.spm below")
