import { headers } from "@signalpath/contracts/headers";
import { EventSourceParserStream } from "eventsource-parser/stream";

import { ApiError } from "./api-error.ts";

/** One server-sent event. */
export interface StreamEvent {
  name: string;
  data: unknown;
}

interface StreamOptions {
  apiKey: string;
  signal: AbortSignal;
  /** Id of the last event that was seen: the server goes on behind it. */
  lastId?: string;
  onEvent: (event: StreamEvent, id: string | undefined) => void;
  onOpen: () => void;
}

/**
 * Reads server-sent events with the key in a header, which the browser's own EventSource cannot
 * send. Resolves when the server closed.
 * @throws ApiError for an answer other than 2xx, AbortError when the signal came.
 */
export async function readStream(path: string, options: StreamOptions): Promise<void> {
  const { apiKey, signal, lastId, onEvent, onOpen } = options;
  const answer = await fetch(path, {
    signal,
    headers: {
      [headers.apiKey]: apiKey,
      accept: "text/event-stream",
      ...(lastId === undefined ? {} : { "last-event-id": lastId }),
    },
  });
  if (!answer.ok || answer.body === null) {
    throw new ApiError(answer.status, await answer.json().catch(() => undefined));
  }
  onOpen();
  const events = answer.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>)
    .pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onEvent({ name: value.event ?? "message", data: JSON.parse(value.data) as unknown }, value.id);
  }
}
