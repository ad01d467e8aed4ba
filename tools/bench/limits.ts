// What each figure is held against: the least a server must do for the same answer. Run as a
// process of its own: `limits.ts ingest|recommend|predict`, with NATS_URL / REDIS_URL / LIMIT_BODY and PORT=0.
import { createServer } from "node:http";

import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Redis } from "ioredis";

const [kind] = process.argv.slice(2);
const say = (port: number) =>
  console.log(JSON.stringify({ msg: "ready", url: `http://127.0.0.1:${port}` }));

interface Message {
  messageId: string;
}

/**
 * A bare server that parses the body and publishes each event with the client's own JetStream publish,
 * awaiting the PubAcks: what one writes without thinking of groups, so ours can be above it.
 */
async function ingestLimit(): Promise<void> {
  const connection = await connect({ servers: process.env["NATS_URL"] ?? "" });
  const manager = await jetstreamManager(connection);
  // A stream of its own with the deduplication window of SIGNALS: our consumers must not see it.
  await manager.streams.add({
    name: "BENCH",
    subjects: ["bench.>"],
    duplicate_window: 600_000_000_000,
  });
  const stream = jetstream(connection);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const parsed = JSON.parse(Buffer.concat(chunks).toString()) as Message | Message[];
      const events = Array.isArray(parsed) ? parsed : [parsed];
      Promise.all(
        events.map((event) =>
          stream.publish("bench.limit", JSON.stringify(event), {
            msgID: `limit-${event.messageId}`,
          }),
        ),
      ).then(
        () => response.end("{}"),
        () => response.writeHead(500).end(),
      );
    });
  });
  server.listen(0, "127.0.0.1", () => say((server.address() as { port: number }).port));
}

/** A bare Hono route that reads one blob from Redis and parses it. */
function recommendLimit(): void {
  const redis = new Redis(process.env["REDIS_URL"] ?? "");
  const app = new Hono();
  app.get("/:key", async (c) => {
    const blob = await redis.get(c.req.param("key"));
    const model = JSON.parse(blob ?? "{}") as { version?: number };
    return c.json({ version: model.version });
  });
  serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, (info) => say(info.port));
}

/** A bare Hono route that answers bytes it has. */
function predictLimit(): void {
  const body = process.env["LIMIT_BODY"] ?? "{}";
  const app = new Hono();
  app.post("/", (c) => c.body(body, 200, { "content-type": "application/json" }));
  serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, (info) => say(info.port));
}

if (kind === "ingest") await ingestLimit();
else if (kind === "predict") predictLimit();
else recommendLimit();
