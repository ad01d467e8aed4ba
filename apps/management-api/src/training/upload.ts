import type { Readable } from "node:stream";

import { Busboy } from "@fastify/busboy";
import { ServiceError, uploadQuery } from "@signalpath/contracts";
import {
  bodyStream,
  openTrainingFile,
  trainingFileFormat,
  TRAINING_FILE_LIMITS,
  type ColumnWishes,
  type KitContext,
  type TrainingFileFormat,
} from "@signalpath/service-kit";
import type { TrainingRow } from "@signalpath/ports";

const FORMAT_OF_TYPE: Record<string, TrainingFileFormat> = {
  "text/csv": "csv",
  "text/tab-separated-values": "tsv",
  "application/json": "json",
  "application/x-ndjson": "jsonl",
  "application/ndjson": "jsonl",
  "application/jsonl": "jsonl",
};
const EXTENSION: Record<TrainingFileFormat, string> = {
  csv: "csv",
  tsv: "tsv",
  json: "json",
  jsonl: "jsonl",
};
const WISHES = {
  user_column: "user_id",
  item_column: "item_id",
  weight_column: "weight",
  time_column: "timestamp",
} as const;

/** A file on its way in, opened as far as its columns are known. */
export interface Upload {
  filename: string;
  columns: readonly string[];
  /** Project that was named before the file; undefined = none. */
  project: number | undefined;
  batches: AsyncIterable<TrainingRow[]>;
}

/** Fields of a form or query; more of the form may come after the file. */
type Fields = Map<string, string>;

/**
 * The file of a request: part `file` of a form, else the body itself, whose format and name come
 * from `?filename=` or the content type. Fields (or query): `project`, and `user_column`,
 * `item_column`, `weight_column`, `time_column` where the names are not ours; in a form they come
 * before the file. A `project` after it must say the same as was taken without it.
 * @throws ServiceError VALIDATION_FAILED, BODY_TOO_LARGE.
 */
export async function openUpload(
  c: KitContext,
  maxBytes = TRAINING_FILE_LIMITS.maxBytes,
): Promise<Upload> {
  const query: Fields = new Map(Object.entries(c.req.query()));
  const declared = Number(c.req.header("content-length") ?? 0);
  if (declared > maxBytes) {
    throw new ServiceError("BODY_TOO_LARGE", `an upload is at most ${maxBytes} bytes`);
  }
  // A file may itself be gzip, so this encoding of the body asks for nothing more.
  const encoding = (c.req.header("content-encoding") ?? "identity").trim().toLowerCase();
  if (!["identity", "", "gzip", "x-gzip"].includes(encoding)) {
    throw new ServiceError("UNSUPPORTED_ENCODING", "an upload is sent as it is, or gzip");
  }
  const type = c.req.header("content-type") ?? "";
  if (/^multipart\/form-data\b/i.test(type)) return openForm(bodyStream(c), type, query, maxBytes);
  const named = query.get("filename");
  const byType = FORMAT_OF_TYPE[type.split(";")[0]?.trim().toLowerCase() ?? ""];
  const format = named === undefined ? byType : trainingFileFormat(named);
  const filename = named ?? `upload.${format === undefined ? "" : EXTENSION[format]}`;
  return openFile(bodyStream(c), filename, format, query, maxBytes);
}

async function openFile(
  file: Readable,
  filename: string,
  format: TrainingFileFormat | undefined,
  fields: Fields,
  maxBytes: number,
): Promise<Upload> {
  if (format === undefined) {
    throw issue("file", "a .csv, .tsv, .json, .jsonl or .ndjson file, each also with .gz");
  }
  const columns: ColumnWishes = {};
  for (const [field, meaning] of Object.entries(WISHES)) {
    const name = fields.get(field);
    if (name !== undefined && name !== "") columns[meaning] = name;
  }
  const opened = await openTrainingFile(file, { format, columns, maxBytes });
  const project = projectOf(fields);
  const shown = filename.replaceAll("\0", "").toWellFormed().slice(0, 200).toWellFormed();
  return { filename: shown, project, ...opened };
}

function openForm(body: Readable, type: string, fields: Fields, maxBytes: number): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const limits = { fields: 20, fieldSize: 1_000, files: 2, parts: 25, headerPairs: 20 };
    let found = false;
    let finished: () => void = () => undefined;
    let failed: (error: Error) => void = () => undefined;
    const end = new Promise<void>((done, fail) => ((finished = done), (failed = fail)));
    // Whoever waits for the end of the form hears of it; nobody has to.
    end.catch(() => undefined);
    const fail = (error: Error): void => {
      failed(error);
      reject(error);
      body.unpipe(form);
      body.resume();
    };
    const form = openBusboy(type, limits);
    form.on("field", (name, value) => {
      if (!Object.hasOwn(uploadQuery.shape, name)) fail(issue(shownName(name), "unknown field"));
      else fields.set(name, value);
    });
    form.on("file", (name, file, filename) => {
      if (name !== "file" || found) {
        file.resume();
        return fail(
          issue(shownName(name), found ? "a form has one file" : "the file is named file"),
        );
      }
      found = true;
      // Whoever reads it hears of its errors; until then nobody does.
      file.on("error", () => undefined);
      const early = new Map(fields);
      // Errors of the form do not reach its part by themselves.
      end.catch((error: unknown) => file.destroy(error as Error));
      openFile(file, filename ?? "", trainingFileFormat(filename ?? ""), early, maxBytes).then(
        (upload) => resolve({ ...upload, batches: checkedAtEnd(upload, end, fields) }),
        (error: unknown) => fail(error as Error),
      );
    });
    for (const limit of ["fieldsLimit", "filesLimit", "partsLimit"] as const) {
      form.on(limit, () => fail(issue("file", "the form has too many parts")));
    }
    form.on("finish", () => {
      finished();
      if (!found) reject(issue("file", "the form has no file"));
    });
    form.on("error", (cause) => fail(malformed(cause)));
    body.on("error", (cause) => fail(malformed(cause)));
    body.on("close", () => {
      if (!body.readableEnded) fail(malformed("the upload was cut off"));
    });
    body.pipe(form);
  });
}

function openBusboy(type: string, limits: object): InstanceType<typeof Busboy> {
  try {
    return new Busboy({ headers: { "content-type": type }, limits });
  } catch (cause) {
    throw malformed(cause);
  }
}

/** The rows, and after them a look at what the form said later. */
async function* checkedAtEnd(
  { batches, project }: Upload,
  end: Promise<void>,
  fields: Fields,
): AsyncGenerator<TrainingRow[]> {
  yield* batches;
  await end;
  const late = projectOf(fields);
  if (late !== project) throw issue("project", "the field project comes before the file");
}

function projectOf(fields: Fields): number | undefined {
  const text = fields.get("project");
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw issue("project", "not the id of a project");
  return Number(text);
}

/** A name that the sender chose, as an answer repeats it. */
function shownName(name: string): string {
  return name.slice(0, 100).toWellFormed();
}

function issue(path: string, message: string): ServiceError {
  return new ServiceError("VALIDATION_FAILED", "the request is not valid", {
    issues: [{ path, message }],
  });
}

function malformed(cause: unknown): ServiceError {
  return new ServiceError("VALIDATION_FAILED", "the form could not be read", { cause });
}
