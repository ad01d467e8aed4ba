/** What a command needs beside its path. */
interface CurlOptions {
  method?: string;
  body?: unknown;
}

/**
 * A curl command for a call of this server, ready to paste. The key stays a shell variable, so that
 * no page shows it.
 * @param path with query, `/api/content?limit=5`
 */
export function curl(path: string, { method, body }: CurlOptions = {}, origin = location.origin) {
  const parts = ["curl -s", `-H "X-API-Key: $API_KEY"`];
  if (method !== undefined) parts.splice(1, 0, `-X ${method}`);
  if (body !== undefined) {
    parts.push(`-H "Content-Type: application/json"`, `-d ${quoted(JSON.stringify(body))}`);
  }
  return [...parts, quoted(`${origin}${path}`)].join(" ");
}

/** For a shell: nothing inside single quotes is special but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
