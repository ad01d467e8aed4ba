import { setTimeout as sleep } from "node:timers/promises";

/** POSTs or PUTs JSON and answers the parsed body. @throws on anything but 2xx. */
export async function send<T>(
  method: "POST" | "PUT" | "GET",
  url: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}

/** Asks again every `everyMs` until the answer is not undefined. @throws after `timeoutMs`. */
export async function until<T>(
  ask: () => Promise<T | undefined>,
  timeoutMs = 60_000,
  everyMs = 50,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`nothing after ${timeoutMs} ms`);
    await sleep(everyMs);
  }
}
