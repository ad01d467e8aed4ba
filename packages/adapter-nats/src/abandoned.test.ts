import { ABANDONED } from "@signalpath/contracts";
import type { Abandoned } from "@signalpath/ports";
import { ownSubjects } from "@signalpath/ports/contract-suites";
import { jetstreamManager } from "@nats-io/jetstream";
import { expect, onTestFinished, test, vi } from "vitest";

import { describeWithBinary } from "@signalpath/real-servers/for-tests.ts";
import { startNats } from "@signalpath/real-servers/nats.ts";
import { createNatsBus } from "./bus.ts";
import { openNats } from "./connection.ts";
import { ensureStreams } from "./streams.ts";

async function ownBus() {
  const server = await startNats();
  onTestFinished(() => server.stop());
  const connection = await openNats(server.url, { name: "test" });
  onTestFinished(() => connection.close());
  await ensureStreams(connection);
  return { connection, bus: createNatsBus(connection, { onError: () => undefined }) };
}

describeWithBinary("nats", "deliveries with a bound", () => {
  test("a message that was delivered too often is handed to whoever takes the abandoned, once", async () => {
    const { bus, connection } = await ownBus();
    const { of, all, durable } = ownSubjects();
    let deliveries = 0;
    await bus.consume({ filter: all, durable, ackWaitMs: 300, maxDeliveries: 3 }, async (batch) =>
      batch.map(({ body }) => {
        if (body !== '"bad"') return "ack";
        deliveries++;
        return { retryInMs: 1 };
      }),
    );
    await bus.publish(of("a"), "good");
    await bus.publish(of("a"), "bad", { id: "the-bad-one", headers: { kind: "test" } });
    const abandoned: Abandoned[] = [];
    const take = async (batch: readonly Abandoned[]) => void abandoned.push(...batch);
    const first = await bus.consumeAbandoned?.("abandoned", take);
    await vi.waitFor(() => expect(abandoned).toHaveLength(1), { timeout: 30_000 });
    expect(deliveries).toBe(3);
    expect(abandoned[0]).toMatchObject({
      durable,
      delivery: {
        subject: of("a").name,
        body: '"bad"',
        headers: { kind: "test" },
        sequence: 2,
      },
    });
    // What speaks of a message that is gone, or is no advisory, must not stop the others.
    await first?.close();
    const manager = await jetstreamManager(connection);
    await manager.streams.deleteMessage("SIGNALS", 2);
    const advisory = `${ABANDONED.slice(0, -1)}SIGNALS.${durable}`;
    const told = { stream: "SIGNALS", consumer: durable, deliveries: 3 };
    connection.publish(advisory, "{");
    connection.publish(advisory, JSON.stringify({ ...told, stream: "constructor", stream_seq: 1 }));
    connection.publish(advisory, JSON.stringify({ ...told, stream_seq: "1" }));
    connection.publish(advisory, JSON.stringify({ ...told, stream_seq: 2 }));
    connection.publish(advisory, JSON.stringify({ ...told, stream_seq: 1 }));
    await bus.consumeAbandoned?.("abandoned", take);
    await vi.waitFor(() => expect(abandoned).toHaveLength(2), { timeout: 30_000 });
    expect(abandoned[1]?.delivery.body).toBe('"good"');
    await bus.close();
  });

  test("a durable of an earlier release gets the numbers of this one", async () => {
    const { bus, connection } = await ownBus();
    const { all, durable } = ownSubjects();
    const early = await bus.consume({ filter: all, durable }, async () => undefined);
    await early.close();
    const spec = { filter: all, durable, ackWaitMs: 2_000, maxDeliveries: 7 };
    await bus.consume(spec, async () => undefined);
    const manager = await jetstreamManager(connection);
    const { config } = await manager.consumers.info("SIGNALS", durable);
    expect([config.ack_wait, config.max_deliver]).toEqual([2_000_000_000, 7]);
    await bus.close();
  });
});
