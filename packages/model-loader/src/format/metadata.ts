import type { ModelMetadata } from "@signalpath/contracts";

import { refuse } from "./fail.ts";

const SCHEMA = "1";
const KIND = /^[a-z0-9-]{1,32}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const COUNT = /^(?:0|[1-9][0-9]{0,15})$/;
const PARENT = /^[1-9][0-9]{0,15}\/[1-9][0-9]{0,15}$/;

/** The texts of a header. Throws ModelFileError on values the format does not take. */
export function encodeMetadata(metadata: ModelMetadata): Record<string, string> {
  const { embedding_space, parent, git_version } = metadata;
  const texts: Record<string, string> = {
    schema: SCHEMA,
    kind: metadata.kind,
    model_id: String(metadata.model_id),
    project_id: String(metadata.project_id),
    version: String(metadata.version),
    created_at: metadata.created_at,
    data_digest: metadata.data_digest,
    rows: String(metadata.rows),
    hyperparameters: JSON.stringify(metadata.hyperparameters),
    metrics: JSON.stringify(metadata.metrics),
    ...(embedding_space === undefined ? {} : { embedding_space }),
    ...(parent === undefined ? {} : { parent }),
    ...(git_version === undefined ? {} : { git_version }),
  };
  decodeMetadata(texts);
  return texts;
}

/** What the texts of a header mean; keys of later writers are passed over. Throws ModelFileError. */
export function decodeMetadata(texts: Readonly<Record<string, string>>): ModelMetadata {
  if (text(texts, "schema") !== SCHEMA) wrong("schema");
  const optional = (["embedding_space", "parent", "git_version"] as const).flatMap((key) =>
    Object.hasOwn(texts, key) ? [[key, texts[key]] as const] : [],
  );
  const metadata: ModelMetadata = {
    kind: matching(texts, "kind", KIND),
    model_id: positive(texts, "model_id"),
    project_id: positive(texts, "project_id"),
    version: positive(texts, "version"),
    created_at: instant(texts, "created_at"),
    data_digest: matching(texts, "data_digest", DIGEST),
    rows: count(texts, "rows"),
    hyperparameters: object(texts, "hyperparameters"),
    metrics: object(texts, "metrics"),
    ...Object.fromEntries(optional),
  };
  if (metadata.parent !== undefined && !PARENT.test(metadata.parent)) wrong("parent");
  return metadata;
}

type Texts = Readonly<Record<string, string>>;

function wrong(key: string): never {
  return refuse("MODEL_HEADER_INVALID", `metadata: ${key}`);
}

function text(texts: Texts, key: string): string {
  return (Object.hasOwn(texts, key) ? texts[key] : undefined) ?? wrong(key);
}

function matching(texts: Texts, key: string, pattern: RegExp): string {
  const value = text(texts, key);
  return pattern.test(value) ? value : wrong(key);
}

function count(texts: Texts, key: string): number {
  const value = Number(matching(texts, key, COUNT));
  return Number.isSafeInteger(value) ? value : wrong(key);
}

function positive(texts: Texts, key: string): number {
  return count(texts, key) || wrong(key);
}

function instant(texts: Texts, key: string): string {
  const value = text(texts, key);
  const at = new Date(value);
  return !Number.isNaN(at.getTime()) && at.toISOString() === value ? value : wrong(key);
}

function object(texts: Texts, key: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text(texts, key));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (error) {
    return refuse("MODEL_HEADER_INVALID", `metadata: ${key}`, error);
  }
  return wrong(key);
}
