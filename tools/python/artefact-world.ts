import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createFileModelReader, createFileModelWriter } from "@signalpath/adapter-files";
import {
  createInlineChecker,
  createKeyRing,
  createModelLoader,
  type LoadedModel,
  type ModelRow,
  writeArtefact,
} from "@signalpath/model-loader";
import { modelKinds } from "@signalpath/models";

import { askPython } from "./python.ts";

type KindName = keyof typeof modelKinds;
type AnyKind = (typeof modelKinds)[KindName];
type AnyModel = ReturnType<AnyKind["decode"]>;

/** What Python printed about a file it wrote. */
export type PythonRow = ModelRow & { kind: string };

export interface ArtefactWorld {
  root: string;
  /** The keys Python is given in its environment. */
  env: Readonly<Record<string, string>>;
  load(row: ModelRow): Promise<LoadedModel<AnyModel>>;
  write(artefact: Parameters<typeof writeArtefact>[0]): ReturnType<typeof writeArtefact>;
  /** Runs a script with `told` read from stdin and `root`, `keys`, `artifact` at hand. */
  python(script: string, input: unknown, env?: Readonly<Record<string, string>>): Promise<unknown>;
  close(): Promise<void>;
}

const HEAD = `
import json, os, sys
from signalpath import artifact
told = json.load(sys.stdin)
root = os.environ["ROOT"]
keys = artifact.keys_from(os.environ)
`;

/** A media root that both languages use, with the real loader, kinds and file system. */
export async function openArtefactWorld(
  env: Readonly<Record<string, string>> = { SECRET_KEY: "a secret of both languages" },
): Promise<ArtefactWorld> {
  const root = await mkdtemp(join(tmpdir(), "signalpath-artefacts-"));
  const ring = createKeyRing({
    signingKeys: env["MODEL_SIGNING_KEYS"],
    secretKey: env["SECRET_KEY"],
  });
  const load = createModelLoader<AnyModel>({
    files: createFileModelReader(root),
    ring,
    checker: createInlineChecker(),
    kinds: modelKinds,
  });
  return {
    root,
    env,
    load,
    write: (artefact) => writeArtefact(artefact, { ring, files: createFileModelWriter(root) }),
    python: (script, input, more = {}) =>
      askPython(HEAD + script, { env: { ...env, ROOT: root, ...more }, input }),
    close: () => rm(root, { recursive: true, force: true }),
  };
}
