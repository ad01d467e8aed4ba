import { Readable } from "node:stream";

import { ServiceError } from "@signalpath/contracts";
import { CsvError, parse, type Options } from "csv-parse";

/** Longest line or record, characters. */
const MAX_RECORD = 65_536;
/** A JSON document is read whole; larger ones come as JSON lines. */
const MAX_JSON = 64 * 1024 * 1024;

/** One record and the line of the file it ends on (in a JSON document: its place), from 1. */
export interface Numbered<T> {
  line: number;
  record: T;
}

function badRow(line: number, message: string, cause?: unknown): ServiceError {
  return new ServiceError("VALIDATION_FAILED", "the file cannot be read", {
    cause,
    issues: [{ path: String(line), message }],
  });
}

/** Records of a delimited file. @throws ServiceError VALIDATION_FAILED naming the line. */
export async function* delimitedRows(
  text: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<Numbered<string[]>> {
  let line = 0;
  const source = Readable.from(text, { objectMode: true });
  const options: Options<Numbered<string[]>, string[]> = {
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: delimiter === "\t",
    skip_empty_lines: true,
    max_record_size: MAX_RECORD,
    on_record: (record, context) => ({ line: context.lines, record }),
  };
  // Its types know no records that are arrays and become something else.
  const parser = parse(options as unknown as Options);
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const row of parser as AsyncIterable<Numbered<string[]>>) {
      line = row.line;
      yield row;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const at = typeof error["lines"] === "number" ? error["lines"] : line + 1;
    throw badRow(at, error.message.split("\n")[0] ?? error.message, error);
  } finally {
    source.destroy();
  }
}

/** Objects of a file with one JSON object a line. @throws ServiceError VALIDATION_FAILED. */
export async function* jsonLines(text: AsyncIterable<string>): AsyncGenerator<Numbered<unknown>> {
  let rest = "";
  let line = 0;
  const read = (whole: string): unknown => {
    line++;
    if (whole.length > MAX_RECORD) throw badRow(line, `longer than ${MAX_RECORD} characters`);
    if (whole.trim() === "") return undefined;
    try {
      return JSON.parse(whole);
    } catch (cause) {
      throw badRow(line, "not valid JSON", cause);
    }
  };
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const whole of lines) {
      const record = read(whole);
      if (record !== undefined) yield { line, record };
    }
    if (rest.length > MAX_RECORD) throw badRow(line + 1, `longer than ${MAX_RECORD} characters`);
  }
  const record = read(rest);
  if (record !== undefined) yield { line, record };
}

/** Members of a JSON array. @throws ServiceError VALIDATION_FAILED, BODY_TOO_LARGE. */
export async function* jsonArray(text: AsyncIterable<string>): AsyncGenerator<Numbered<unknown>> {
  const parts: string[] = [];
  let length = 0;
  for await (const chunk of text) {
    length += chunk.length;
    if (length > MAX_JSON) {
      const message = `a JSON document is at most ${MAX_JSON} characters; send JSON lines (.jsonl)`;
      throw new ServiceError("BODY_TOO_LARGE", message);
    }
    parts.push(chunk);
  }
  let records: unknown;
  try {
    records = JSON.parse(parts.join(""));
  } catch (cause) {
    throw new ServiceError("VALIDATION_FAILED", "the file is not valid JSON", { cause });
  }
  if (!Array.isArray(records)) {
    throw new ServiceError("VALIDATION_FAILED", "the file is not a JSON array of objects");
  }
  for (const [index, record] of records.entries()) yield { line: index + 1, record };
}
