import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { ModelMetadata } from "@signalpath/contracts";
import { buildInteractions, modelKinds } from "@signalpath/models";
import { afterAll, beforeAll, expect, it } from "vitest";

import { openArtefactWorld, type ArtefactWorld, type PythonRow } from "./artefact-world.ts";
import { describeWithPython } from "./python.ts";

const ALL_KINDS = ["popular", "item-knn", "rp3beta", "ease", "ials", "blend"] as const;

const WRITE = `
from signalpath.artifact.cli import model_from, row_of
def written(kind, number, fields):
    data = artifact.encode_model(
        model_from(kind, fields), keys.signing_key(), model_id=number, project_id=3, version=1,
        created_at="2026-01-31T12:00:00.000Z",
    )
    metadata = artifact.decode(data, keys).metadata
    return row_of(metadata, artifact.publish(root, metadata, data), data)
`;

/** Ids in no order, one of them not ASCII: rows must move with them. */
const ITEMS = ["t9", "é", "a", "t10"];
const HISTORIES = { zoë: { t9: 1, a: 0.5 }, bob: { é: 2 } };
const WEIGHTS = [
  [0, 0.5, 0, 0.25],
  [0.5, 0, -0.125, 1],
  [0.75, 0.5, 0, 2],
  [0, 0, 0.5, 0],
];

function metadataOf(kind: string, model_id: number): ModelMetadata {
  return {
    kind,
    model_id,
    project_id: 3,
    version: 1,
    created_at: "2026-01-31T12:00:00.000Z",
    data_digest: "ab".repeat(32),
    rows: 7,
    hyperparameters: {},
    metrics: { "ndcg@20": 0.25, note: "é" },
  };
}

describeWithPython("artefacts written in Python, served here", () => {
  let world: ArtefactWorld;
  beforeAll(async () => {
    world = await openArtefactWorld();
  });
  afterAll(() => world?.close());

  async function served(kind: keyof typeof modelKinds, fields: object, number: number) {
    const script = `${WRITE}json.dump(written(told["kind"], told["number"], told["fields"]), sys.stdout)`;
    const row = (await world.python(script, { kind, number, fields })) as PythonRow;
    const { scorer, metadata } = await world.load(row);
    expect(metadata).toMatchObject({ kind, model_id: number, project_id: 3 });
    const by = modelKinds[kind];
    if (by === undefined) throw new Error(`no kind ${kind}`);
    return {
      list: (user: string) => by.score(scorer, { user }, { k: 10 }),
      seeded: (seedItems: string[]) => by.score(scorer, { seedItems }, { k: 10 }),
      scorer,
      by,
    };
  }

  it("popular: counts, without what the user had", async () => {
    const counts = { t9: 3, é: 2, a: 9, t10: 1 };
    const model = await served("popular", { counts, histories: HISTORIES }, 1);
    expect(model.list("zoë").map(({ item_id }) => item_id)).toEqual(["é", "t10"]);
    expect(model.list("bob").map(({ item_id }) => item_id)).toEqual(["a", "t9", "t10"]);
  });

  it.each(["item-knn", "rp3beta", "ease"] as const)("%s: weighted sums", async (kind) => {
    const number = 10 + ALL_KINDS.indexOf(kind);
    const fields = { item_ids: ITEMS, weights: WEIGHTS, histories: HISTORIES };
    const model = await served(kind, fields, number);
    // zoë has t9 (weight 1, row 0) and a (weight .5, row 2).
    expect(model.list("zoë")).toEqual([
      { item_id: "t10", score: 0.25 + 0.5 * 2 },
      { item_id: "é", score: 0.5 + 0.5 * 0.5 },
    ]);
    expect(model.seeded(["t10"])[0]).toEqual({ item_id: "a", score: 0.5 });
  });

  it("ials: inner products, and folds in whoever it never saw", async () => {
    const fields = {
      user_ids: ["zoë", "bob"],
      item_ids: ITEMS,
      user_factors: [
        [1, 0.5],
        [-1, 2],
      ],
      item_factors: [
        [0.5, 0.25],
        [2, 1],
        [1, -1],
        [-1, 0.5],
      ],
      alpha: 0.25,
      reg: 0.05,
      nu: 1,
      histories: HISTORIES,
    };
    const model = await served("ials", fields, 20);
    expect(model.list("zoë")).toEqual([
      { item_id: "é", score: 2.5 },
      { item_id: "t10", score: -0.75 },
    ]);
    const [first] = model.seeded(["t9"]);
    expect(first?.item_id).toBe("é");
    expect(first?.score).toBeGreaterThan(0);
  });

  it("an Ed25519 signature, where Python has cryptography", async ({ skip }) => {
    const { generateKeyPairSync } = await import("node:crypto");
    const { privateKey } = generateKeyPairSync("ed25519");
    const der = privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
    const other = await openArtefactWorld({ MODEL_SIGNING_KEYS: `k1:${der}` });
    try {
      const has = await other.python(
        `import importlib.util
json.dump(importlib.util.find_spec("cryptography") is not None, sys.stdout)`,
        null,
      );
      if (has !== true) return skip("cryptography is not installed");
      const script = `${WRITE}json.dump(written("popular", 1, told), sys.stdout)`;
      const row = (await other.python(script, { counts: { a: 1 } })) as PythonRow;
      expect((await other.load(row)).metadata.kind).toBe("popular");
    } finally {
      await other.close();
    }
  });

  it("a converted pickle of Recotem", async () => {
    const script = `
import contextlib, hashlib, hmac, io, pickle
from signalpath.convert_recotem import main
class IDMappedRecommender:
    pass
class CosineKNNRecommender:
    def get_score(self, users):
        size = len(self.W)
        return [[sum(self.X_train_all[u][i] * self.W[i][j] for i in range(size)) for j in range(size)] for u in users]
inner = CosineKNNRecommender()
inner.W, inner.X_train_all = told["weights"], told["train"]
outer = IDMappedRecommender()
outer.recommender, outer.user_ids, outer.item_ids = inner, told["users"], told["items"]
body = pickle.dumps({"id_mapped_recommender": outer, "irspack_version": "0.4.0", "recotem_trained_model_id": 77})
path = os.path.join(root, "model-77.pkl")
with open(path, "wb") as file:
    file.write(hmac.new(b"theirs", body, hashlib.sha256).digest() + body)
environment = {**os.environ, "RECOTEM_SECRET_KEY": "theirs"}
sys.exit(main([path, "--project-id", "3", "--media-root", root], environment))
`;
    const row = (await world.python(script, {
      weights: WEIGHTS,
      train: [
        [1, 0, 1, 0],
        [0, 1, 0, 0],
      ],
      users: ["zoë", "bob"],
      items: ITEMS,
    })) as PythonRow;
    const { scorer } = await world.load(row);
    expect(row.model_id).toBe(77);
    expect(modelKinds["item-knn"]?.score(scorer, { user: "zoë" }, { k: 5 })).toEqual([
      { item_id: "t10", score: 2.25 },
      { item_id: "é", score: 1 },
    ]);
  });
});

describeWithPython("artefacts trained here, read in Python", () => {
  let world: ArtefactWorld;
  beforeAll(async () => {
    world = await openArtefactWorld();
  });
  afterAll(() => world?.close());

  it.each(ALL_KINDS)("%s: every number, and the same lists from Python's copy", async (name) => {
    const kind = modelKinds[name];
    if (kind === undefined) throw new Error(`no kind ${name}`);
    const number = 1 + ALL_KINDS.indexOf(name);
    const rows = ["u1 a", "u1 b", "ü2 a", "ü2 c", "u3 b", "u3 c", "u3 é", "u4 a"].map((text) => {
      const [user_id = "", item_id = ""] = text.split(" ");
      return { user_id, item_id, weight: 1, time: 0 };
    });
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const model = await kind.train(buildInteractions(rows), {}, { random });
    const encoded = kind.encode(model);
    const metadata = { ...metadataOf(name, number), ...encoded.metadata };
    const row = await world.write({ metadata, tensors: encoded.tensors });

    const answer = (await world.python(
      `
data = artifact.read_file(os.path.join(root, told["file"]))
found = artifact.decode(data, keys)
copy = artifact.encode(found.metadata, found.tensors, keys.signing_key())
json.dump({
    "sha256": found.sha256,
    "metadata": found.metadata.texts(),
    "items": found.strings("item_ids"),
    "tensors": {
        name: {"shape": list(one.shape), "numbers": [float(number) for number in one.values()]}
        for name, one in found.tensors.items()
    },
    "copy": {
        **told,
        "file": artifact.publish(os.path.join(root, "copies"), found.metadata, copy),
        "sha256": artifact.decode(copy, keys).sha256,
    },
}, sys.stdout)
`,
      row,
    )) as {
      sha256: string;
      metadata: Record<string, string>;
      items: string[];
      tensors: Record<string, unknown>;
      copy: PythonRow;
    };
    expect(answer.sha256).toBe(row.sha256);
    expect(answer.items).toEqual(["a", "b", "c", "é"]);
    expect(JSON.parse(answer.metadata["hyperparameters"] ?? "")).toEqual(metadata.hyperparameters);
    expect(JSON.parse(answer.metadata["metrics"] ?? "")).toEqual(metadata.metrics);
    expect(answer.tensors).toEqual(
      Object.fromEntries(
        [...encoded.tensors].map(([tensor, { shape, data }]) => [
          tensor,
          { shape: [...shape], numbers: Array.from(data, Number) },
        ]),
      ),
    );

    const copy = await world.load({ ...answer.copy, file: join("copies", answer.copy.file) });
    for (const user of ["u1", "ü2", "u3", "u4"]) {
      expect(kind.score(copy.scorer, { user }, { k: 4 })).toEqual(
        kind.score(model, { user }, { k: 4 }),
      );
    }
    expect((await readFile(join(world.root, row.file))).length).toBe(row.bytes);
  });
});
