import { trainedModel, trainingData } from "@signalpath/contracts";
import { newVersion } from "@signalpath/ports/contract-suites";
import { expect } from "vitest";

import type { World } from "../test-world.ts";

export const V1 = "/api/v1";
export const CSV =
  "user_id,item_id,rating,timestamp\nu1,i1,5,1781265600\nu1,i2,4,1781265700\nu2,i1,3,1781265800\n";
export type Json = Record<string, unknown> & { results: Record<string, unknown>[] };
export const json = async (response: Response): Promise<Json> => (await response.json()) as Json;

/** A form with one file, its fields before it. */
export function form(
  file: string | Uint8Array<ArrayBuffer>,
  name: string,
  fields: Record<string, string> = { project: "1" },
): FormData {
  const data = new FormData();
  for (const [field, value] of Object.entries(fields)) data.set(field, value);
  data.set("file", new Blob([file]), name);
  return data;
}

/** Calls of a world by their path below `/api/v1/`, each with the status it must have. */
export function createCalls(world: World) {
  async function send(method: string, path: string, body?: unknown, status = 200, key?: string) {
    const response = await world.request(method, `${V1}/${path}`, {
      key: key ?? world.writeKey,
      ...(body === undefined ? {} : { body }),
    });
    expect(response.status, await response.clone().text()).toBe(status);
    return status === 204 ? ({} as Json) : json(response);
  }
  const read = (path: string, status = 200) => send("GET", path, undefined, status, world.readKey);

  const upload = async () =>
    trainingData.parse(await send("POST", "training_data/", form(CSV, "r.csv"), 201));

  function heardOf<T>(subject: { name: string }) {
    const heard: T[] = [];
    const ready = world.bus.hear(
      subject.name,
      ({ body }) => void heard.push(JSON.parse(body) as T),
    );
    return ready.then(() => heard);
  }

  async function makeModel(body: object = {}) {
    const wish = { project: 1, source: "archive", ...body };
    return trainedModel.parse(await send("POST", "trained_model/", wish, 202));
  }

  /** What a trainer does. */
  async function finish(id: number, version: number) {
    const lease = await world.trainingRuns.claim({ worker: "t", lease_ms: 60_000 });
    if (lease === undefined) throw new Error("nothing waits");
    const line = { logged_at: new Date(world.now()).toISOString(), level: "info" } as const;
    await world.trainingRuns.log(lease, [{ ...line, message: `fitted ${version}` }]);
    const made = newVersion({ id, project_id: 1 }, version);
    const result = { version: made, serve: true, metrics: made.metrics };
    expect(await world.trainingRuns.complete(lease, result)).toBe(true);
  }

  return { send, read, upload, heardOf, makeModel, finish };
}
export type Calls = ReturnType<typeof createCalls>;
