import { subjects, type UserRefreshRequested } from "@signalpath/contracts";
import { createManualClock, createMemoryBus } from "@signalpath/ports";
import { createLogger, createMetrics } from "@signalpath/service-kit";
import { expect, test, vi } from "vitest";

import { personKeys } from "./person-keys.ts";
import { createRefreshRequests } from "./refresh-requests.ts";

test("a person is asked for once a minute, and once more for each space", async () => {
  const clock = createManualClock();
  const now = () => clock.now();
  const bus = createMemoryBus({ now });
  const heard: UserRefreshRequested[] = [];
  await bus.hear(subjects.userRefreshRequested.name, ({ body }) => {
    heard.push(JSON.parse(body) as UserRefreshRequested);
  });
  const kit = {
    logger: createLogger({ service: "test", level: "silent" }),
    metrics: createMetrics("test"),
    now,
    newId: () => "id",
  };
  // Replicas know nothing of each other; the bus takes one message of each id.
  const replicas = [
    createRefreshRequests(bus, kit),
    createRefreshRequests(bus, { ...kit, metrics: createMetrics("test") }),
  ];
  const [ann] = personKeys(1, "ann");
  const wish = { project_id: 1, user_id: "ann" };
  const askAll = () => {
    for (const replica of replicas) {
      replica.request(ann, { ...wish, reason: "stale" });
      replica.request(ann, { ...wish, reason: "content", space: "sp-a" });
      replica.request(ann, { ...wish, reason: "content", space: "sp-b" });
    }
  };
  const spaces = () => heard.map(({ space }) => space ?? "none").sort();
  askAll();
  askAll();
  await vi.waitFor(() => expect(spaces()).toEqual(["none", "sp-a", "sp-b"]), 30_000);
  clock.advance(60_000);
  askAll();
  await vi.waitFor(
    () => expect(spaces()).toEqual(["none", "none", "sp-a", "sp-a", "sp-b", "sp-b"]),
    30_000,
  );
});
