import { contentItem, putContentRequest, ServiceError, type Issue } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";
import { decodeUtf8, parseJson, readBody, refuseUnsafe, validate } from "@signalpath/service-kit";
import type { Context } from "hono";

/** Items one request may carry, in either form. */
export const MAX_ITEMS = 10_000;
/** Bad rows that an answer names; the rest is counted. */
const MAX_ISSUES = 100;

const NDJSON_TYPES = new Set([
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
]);

/**
 * Items of a request: `{"items": [...]}`, or one item a line when the content type is NDJSON.
 * Of an id given twice the last one counts. Times come out as UTC.
 * @throws ServiceError VALIDATION_FAILED naming every bad row (`12.title`: row 12, from 1), and
 * what `readBody` throws; ZodError.
 */
export async function readItems(c: Context): Promise<ContentItem[]> {
  const type = (c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const text = decodeUtf8(await readBody(c));
  const items = NDJSON_TYPES.has(type) ? readRows(text) : readJson(text);
  return [...new Map(items.map((item) => [item.item_id, canonical(item)])).values()];
}

function readJson(text: string): ContentItem[] {
  const value = parseJson(text);
  refuseUnsafe(value);
  return validate(putContentRequest, value).items;
}

function readRows(text: string): ContentItem[] {
  const items: ContentItem[] = [];
  const issues: Issue[] = [];
  let bad = 0;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const row = readRow(line, index + 1);
    if ("item" in row) items.push(row.item);
    else {
      bad++;
      for (const issue of row.issues) if (issues.length < MAX_ISSUES) issues.push(issue);
    }
  }
  if (bad > 0) {
    throw new ServiceError("VALIDATION_FAILED", `${bad} bad rows, nothing was stored`, { issues });
  }
  if (items.length > MAX_ITEMS) {
    throw new ServiceError("VALIDATION_FAILED", `more than ${MAX_ITEMS} items in one request`);
  }
  return items;
}

function readRow(line: string, row: number): { item: ContentItem } | { issues: Issue[] } {
  try {
    const value = parseJson(line);
    refuseUnsafe(value);
    const parsed = contentItem.safeParse(value);
    if (parsed.success) return { item: parsed.data };
    const issues = parsed.error.issues.map((issue) => ({
      path: [row, ...issue.path].map(String).join("."),
      message: issue.message,
    }));
    return { issues };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { issues: [{ path: String(row), message: error.message }] };
  }
}

/** Times as UTC with milliseconds, so that equal moments are equal texts. */
function canonical(item: ContentItem): ContentItem {
  const { published_at: published, expires_at: expires } = item;
  return {
    ...item,
    ...(published === undefined ? {} : { published_at: new Date(published).toISOString() }),
    ...(expires === undefined ? {} : { expires_at: new Date(expires).toISOString() }),
  };
}
