import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";

import { contentItem } from "@signalpath/contracts";
import { deriveVector, type ContentItem } from "@signalpath/domain";
import { parse } from "csv-parse";

import { usageError } from "../exit-codes.ts";

type Located = { value: unknown; where: string };

/**
 * Items of a file: `.json` (an array or `{"items": [...]}`), `.ndjson` / `.jsonl` (one a line), or
 * `.csv` with a head (item_id, title, text, tags, word_count, has_image, lat, lon, vector,
 * published_at, expires_at; tags as `facet:label|facet:label`, vector as numbers between spaces).
 * @throws CliError naming file, place and field of the first item that is wrong.
 */
export async function readItems(
  path: string,
  options: { deriveVectors: boolean },
): Promise<ContentItem[]> {
  const items: ContentItem[] = [];
  for await (const { value, where } of readValues(path)) {
    const parsed = contentItem.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw usageError(`${where}: ${issue?.path.join(".")}: ${issue?.message ?? "is wrong"}`);
    }
    const item = parsed.data;
    const derive = options.deriveVectors && item.vector === undefined;
    items.push(derive ? { ...item, vector: deriveVector(item) } : item);
  }
  return items;
}

function readValues(path: string): AsyncIterable<Located> {
  const kind = extname(path).toLowerCase();
  if (kind === ".json") return jsonValues(path);
  if (kind === ".ndjson" || kind === ".jsonl") return lineValues(path);
  if (kind === ".csv") return csvValues(path);
  throw usageError(`${path}: a .json, .ndjson, .jsonl or .csv file is needed`);
}

async function* jsonValues(path: string): AsyncIterable<Located> {
  const value = parseJson(await read(path), basename(path));
  const items: unknown = Array.isArray(value)
    ? value
    : (value as { items?: unknown } | null)?.items;
  if (!Array.isArray(items)) {
    throw usageError(`${basename(path)}: an array or {"items": [...]} is needed`);
  }
  for (const [i, item] of items.entries()) yield { value: item, where: `item ${i + 1}` };
}

async function* lineValues(path: string): AsyncIterable<Located> {
  for (const [i, line] of (await read(path)).split(/\r?\n/).entries()) {
    const where = `${basename(path)}:${i + 1}`;
    if (line.trim() !== "") yield { value: parseJson(line, where), where };
  }
}

async function* csvValues(path: string): AsyncIterable<Located> {
  const parser = createReadStream(path).pipe(parse({ columns: true, bom: true, trim: true }));
  let row = 1;
  try {
    for await (const record of parser as AsyncIterable<Record<string, string>>) {
      row++;
      yield { value: fromCsv(record), where: `${basename(path)} row ${row}` };
    }
  } catch (error) {
    if (error instanceof Error && error.name !== "CliError") {
      throw usageError(`${basename(path)} row ${row + 1}: ${error.message}`);
    }
    throw error;
  }
}

/** Texts of a row as the values of an item; an empty cell is an absent field. */
export function fromCsv(record: Readonly<Record<string, string>>): Record<string, unknown> {
  const item: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(record)) {
    if (text !== "") item[name] = cell(name, text);
  }
  return item;
}

function cell(name: string, text: string): unknown {
  if (name === "tags") return text.split("|").map(tagOf);
  if (name === "vector") return text.split(/[\s;]+/).map(Number);
  if (name === "word_count" || name === "lat" || name === "lon") return Number(text);
  if (name === "has_image") return /^(?:true|1|yes)$/i.test(text);
  return text;
}

function tagOf(text: string): { facet: string; label: string } {
  const colon = text.indexOf(":");
  if (colon < 0) return { facet: "tag", label: text.trim() };
  return { facet: text.slice(0, colon).trim(), label: text.slice(colon + 1).trim() };
}

async function read(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    throw usageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usageError(`${where}: not JSON`);
  }
}
