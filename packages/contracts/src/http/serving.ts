import { z } from "zod";

import { rowId as id } from "./common.ts";

/** One change of what a model serves. */
export const servingChange = z
  .object({
    id: z.int(),
    trained_model: z.int(),
    changed_at: z.string(),
    cause: z
      .enum(["run", "import", "promotion", "roll_back", "removal"])
      .describe("run: a training put it there itself. promotion, roll_back: somebody chose it"),
    from_version: z.int().nullable().describe("null: nothing served before"),
    to_version: z.int().nullable().describe("null: nothing serves since"),
    training_run: z.int().nullable(),
    key_id: z.int().nullable().describe("API key that asked for it; null: none was asked"),
  })
  .meta({ id: "ServingChange" });

const held = z.object({
  version: z.int(),
  sha256: z.string(),
  is_current: z.boolean().describe("It is the version that serves by the catalogue"),
});

/** What an artefact says of itself, checked just now, and which gateways hold its model. */
export const artefactFacts = z
  .object({
    trained_model: z.int(),
    version: z.int(),
    serving: z.boolean(),
    file: z.string(),
    sha256: z.string(),
    bytes: z.int(),
    verified_at: z.string().describe("When the file was read and checked for this answer"),
    error: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe("Why no gateway would load it; null: signature, digest and numbers are right"),
    signature: z
      .object({ key_id: z.string(), algorithm: z.enum(["hmac-sha256", "ed25519"]) })
      .nullable(),
    header: z
      .object({
        kind: z.string(),
        created_at: z.string(),
        rows: z.int(),
        data_digest: z.string(),
        embedding_space: z.string().nullable(),
        parent: z.string().nullable(),
        git_version: z.string().nullable(),
        tensors: z.array(z.object({ name: z.string(), shape: z.array(z.int()) })),
      })
      .nullable(),
    loaded: z
      .array(held.extend({ instance: z.string(), heard_at: z.string() }))
      .describe("Gateways heard within the last 15 s that hold a version of this model"),
    gateways: z.int().describe("Gateways heard within the last 15 s"),
  })
  .meta({ id: "ArtefactFacts" });

export const artefactQuery = z.object({
  version: z.coerce.number().int().positive().optional().describe("Absent: the serving one"),
});

export const promoteShadowBody = z.strictObject({
  weight: z.number().min(0).max(100).default(100),
  switch_off: z.array(id).max(100).default([]).describe("Slots that stop answering with it"),
});
