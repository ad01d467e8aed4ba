import type { Readable } from "node:stream";

import { ServiceError, type Issue } from "@signalpath/contracts";
import type { TrainingRow } from "@signalpath/ports";

import {
  COLUMN_NAMES,
  findColumns,
  isDataRow,
  MEANINGS,
  type ColumnMap,
  type ColumnWishes,
  type Meaning,
} from "./columns.ts";
import { judgeRow, type RawRow } from "./judge-row.ts";
import { delimitedRows, jsonArray, jsonLines, type Numbered } from "./raw-rows.ts";
import { textOf } from "./text.ts";

/** Bad rows that an error names; the rest is counted. */
const MAX_ISSUES = 100;
const BATCH = 2_000;
export const TRAINING_FILE_LIMITS = { maxBytes: 2 * 1024 ** 3, maxRows: 20_000_000 };

const FORMATS = { csv: "csv", tsv: "tsv", json: "json", jsonl: "jsonl", ndjson: "jsonl" } as const;
export type TrainingFileFormat = (typeof FORMATS)[keyof typeof FORMATS];

/** Format of a file by its name, `.gz` or `.gzip` aside; undefined for any other. */
export function trainingFileFormat(filename: string): TrainingFileFormat | undefined {
  const match = /\.([a-z]+)(?:\.gz|\.gzip)?$/i.exec(filename);
  return FORMATS[match?.[1]?.toLowerCase() as keyof typeof FORMATS];
}

export interface TrainingFile {
  /** What was found in it: `user_id`, `item_id`, and `weight`, `timestamp` if there. */
  columns: Meaning[];
  /**
   * The rows; read once. Throws ServiceError VALIDATION_FAILED at the end when rows were bad, naming
   * the first 100 by line and counting all, or when there is no row; BODY_TOO_LARGE.
   */
  batches: AsyncIterable<TrainingRow[]>;
}

/**
 * Interactions of a csv, tsv, json or jsonl file, gzip or not, in bounded memory. Reads as far as
 * the columns are known.
 * @throws ServiceError VALIDATION_FAILED, BODY_TOO_LARGE.
 */
export async function openTrainingFile(
  source: Readable,
  options: {
    format: TrainingFileFormat;
    columns?: ColumnWishes;
    maxBytes?: number;
    maxRows?: number;
  },
): Promise<TrainingFile> {
  const { format, maxBytes = TRAINING_FILE_LIMITS.maxBytes } = options;
  const text = textOf(source, maxBytes);
  const wishes = options.columns ?? {};
  const { columns, rows } =
    format === "csv" || format === "tsv"
      ? await openTable(delimitedRows(text, format === "csv" ? "," : "\t"), wishes)
      : await openObjects(format === "json" ? jsonArray(text) : jsonLines(text), wishes);
  const maxRows = options.maxRows ?? TRAINING_FILE_LIMITS.maxRows;
  return {
    columns: MEANINGS.filter((meaning) => columns[meaning] !== undefined),
    batches: judged(rows, maxRows),
  };
}

interface Opened {
  columns: ColumnMap;
  /** A text says what is wrong with the record as a whole. */
  rows: AsyncIterable<Numbered<RawRow | string>>;
}

const noRows = () => new ServiceError("VALIDATION_FAILED", "the file has no rows");

async function openTable(
  records: AsyncGenerator<Numbered<string[]>>,
  wishes: ColumnWishes,
): Promise<Opened> {
  const first = await records.next();
  if (first.done === true) throw noRows();
  const cells = first.value.record;
  const headless = Object.keys(wishes).length === 0 && isDataRow(cells);
  const names = headless ? MEANINGS.slice(0, cells.length) : cells;
  const columns = columnsOf(names, wishes, first.value.line);
  const places = MEANINGS.flatMap((meaning) => {
    const name = columns[meaning];
    return name === undefined ? [] : [[meaning, names.indexOf(name)] as const];
  });
  const rawOf = (record: string[]): RawRow | string => {
    // A comma that is not quoted would shift what comes after it.
    if (record.slice(names.length).some((cell) => cell.trim() !== "")) {
      return `${record.length} cells where the first row has ${names.length}`;
    }
    const raw: RawRow = {};
    for (const [meaning, at] of places) raw[meaning] = record[at];
    return raw;
  };
  async function* rows() {
    if (headless) yield { line: first.value.line, record: rawOf(cells) };
    for await (const { line, record } of records) yield { line, record: rawOf(record) };
  }
  return { columns, rows: rows() };
}

async function openObjects(
  records: AsyncGenerator<Numbered<unknown>>,
  wishes: ColumnWishes,
): Promise<Opened> {
  const first = await records.next();
  if (first.done === true) throw noRows();
  const { line, record } = first.value;
  const columns = columnsOf(isObject(record) ? Object.keys(record) : [], wishes, line);
  const absent = MEANINGS.filter((meaning) => columns[meaning] === undefined);
  const late = new Set(absent.flatMap((meaning) => COLUMN_NAMES[meaning]));
  const rawOf = (value: unknown): RawRow | string => {
    if (!isObject(value)) return "not an object";
    const unexpected =
      late.size === 0 ? undefined : Object.keys(value).find((key) => late.has(key));
    if (unexpected !== undefined) return `${unexpected}, which the first record does not have`;
    const raw: RawRow = {};
    for (const meaning of MEANINGS) {
      const name = columns[meaning];
      if (name !== undefined) raw[meaning] = Object.hasOwn(value, name) ? value[name] : undefined;
    }
    return raw;
  };
  async function* rows() {
    yield { line, record: rawOf(record) };
    for await (const each of records) yield { line: each.line, record: rawOf(each.record) };
  }
  return { columns, rows: rows() };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function columnsOf(names: readonly string[], wishes: ColumnWishes, line: number): ColumnMap {
  const found = findColumns(names, wishes);
  if ("columns" in found) return found.columns;
  throw new ServiceError("VALIDATION_FAILED", "the columns of the file are not clear", {
    issues: [{ path: String(line), message: found.problem }],
  });
}

async function* judged(
  rows: AsyncIterable<Numbered<RawRow | string>>,
  maxRows: number,
): AsyncGenerator<TrainingRow[]> {
  const issues: Issue[] = [];
  let bad = 0;
  let count = 0;
  let batch: TrainingRow[] = [];
  for await (const { line, record } of rows) {
    if (++count > maxRows) {
      throw new ServiceError("BODY_TOO_LARGE", `the file has more than ${maxRows} rows`);
    }
    const one = typeof record === "string" ? { problem: record } : judgeRow(record);
    if ("row" in one) {
      // Nothing will be stored once a row was bad; the rest is only looked at.
      if (bad > 0) continue;
      if (batch.push(one.row) < BATCH) continue;
      yield batch;
      batch = [];
    } else if (++bad <= MAX_ISSUES) {
      const path = "at" in one ? `${line}.${one.at}` : String(line);
      issues.push({ path, message: one.problem });
    }
  }
  if (count === 0) throw noRows();
  if (bad > 0) {
    const message = `${bad} bad rows of ${count}, nothing was stored`;
    throw new ServiceError("VALIDATION_FAILED", message, { issues });
  }
  if (batch.length > 0) yield batch;
}
