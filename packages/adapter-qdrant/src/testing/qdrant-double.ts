import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { z } from "zod";

import { createCollectionDouble, Refusal } from "./collection.ts";
import * as bodies from "./schemas.ts";

type Collection = ReturnType<typeof createCollectionDouble>;

export interface QdrantDouble {
  url: string;
  /** `METHOD /path` of every request so far. */
  requests: string[];
  /** Asked before every answer: a status refuses, `stall` never answers. */
  mood: (request: string) => number | "stall" | undefined;
  collections: ReadonlyMap<string, Collection>;
  drop(): void;
  close(): Promise<void>;
}

/** The REST interface this package uses, strict about what it is sent, on a free port of loopback. */
export async function startQdrantDouble(apiKey?: string): Promise<QdrantDouble> {
  const collections = new Map<string, Collection>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const status = error instanceof Refusal ? error.status : 500;
      send(response, status, { status: { error: (error as Error).message }, time: 0 });
    });
  });
  const double: QdrantDouble = {
    url: "",
    requests: [],
    mood: () => undefined,
    collections,
    drop: () => collections.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://double");
    const name = `${request.method} ${pathname}`;
    double.requests.push(name);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const mood = double.mood(name);
    if (mood === "stall") return;
    if (mood !== undefined) throw new Refusal(mood, "Service internal error: told to fail");
    if (apiKey !== undefined && request.headers["api-key"] !== apiKey) {
      throw new Refusal(401, "Must provide an API key or an Authorization bearer token");
    }
    const text = Buffer.concat(chunks).toString("utf8");
    const result = handle(name, text, searchParams);
    send(response, 200, { result, status: "ok", time: 0.001 });
  }

  function handle(name: string, text: string, query: URLSearchParams): unknown {
    if (name === "GET /collections") {
      return { collections: [...collections.keys()].map((found) => ({ name: found })) };
    }
    const [, verb, encoded = "", rest = ""] =
      /^(\w+) \/collections\/([^/]+)(\/.*)?$/.exec(name) ?? [];
    const collection = decodeURIComponent(encoded);
    if (verb === undefined) throw new Refusal(404, `no route ${name}`);
    if (verb === "GET" && rest === "/exists") return { exists: collections.has(collection) };
    if (verb === "PUT" && rest === "") {
      if (collections.has(collection)) {
        throw new Refusal(409, `Wrong input: Collection \`${collection}\` already exists!`);
      }
      collections.set(collection, createCollectionDouble(read(bodies.createCollection, text)));
      return true;
    }
    if (verb === "DELETE" && rest === "") return collections.delete(collection);
    const found = collections.get(collection);
    if (found === undefined) {
      throw new Refusal(404, `Not found: Collection \`${collection}\` doesn't exist!`);
    }
    return inCollection(found, `${verb} ${rest}`, text, query);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  double.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return double;
}

function inCollection(
  found: Collection,
  call: string,
  text: string,
  query: URLSearchParams,
): unknown {
  const written = () => {
    // Without it a write is acknowledged before it can be found.
    if (query.get("wait") !== "true") throw new Refusal(400, "a write that does not wait");
    return { operation_id: 0, status: "completed" };
  };
  switch (call) {
    case "GET ":
      return found.info();
    case "PUT /index":
      found.index(read(bodies.createIndex, text));
      return written();
    case "PUT /points":
      found.upsert(read(bodies.upsert, text));
      return written();
    case "POST /points/delete":
      found.remove(read(bodies.remove, text));
      return written();
    case "POST /points":
      return found.retrieve(read(bodies.retrieve, text));
    case "POST /points/scroll":
      return found.scroll(read(bodies.scroll, text));
    case "POST /points/query":
      return found.query(read(bodies.query, text));
    case "POST /points/count":
      return found.count(read(bodies.count, text));
    case "POST /facet":
      return found.facet(read(bodies.facet, text));
    default:
      throw new Refusal(404, `no route ${call}`);
  }
}

function read<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Refusal(400, `Format error in JSON body: ${parsed.error.message}`);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
