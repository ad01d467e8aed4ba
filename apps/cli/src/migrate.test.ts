import { describe, expect, it } from "vitest";

import { describeWithServers } from "@signalpath/real-servers/for-tests.ts";
import { runCli } from "./app.ts";
import { EXIT } from "./exit-codes.ts";
import { createTestIo } from "./test-server.ts";

async function migrate(env: Record<string, string>) {
  const io = createTestIo(env);
  const code = await runCli(["migrate", "--json"], io);
  return { code, answer: JSON.parse(io.stdout()) as Record<string, unknown> };
}

describe("signalpath migrate", () => {
  it("says what it needs", async () => {
    const { code, answer } = await migrate({});
    expect(code).toBe(EXIT.usage);
    expect(answer["detail"]).toContain("DATABASE_URL");
  });

  it("names the server that is not there", async () => {
    // Port 9 (discard) of loopback: nothing listens there.
    const { code, answer } = await migrate({ NATS_URL: "nats://127.0.0.1:9" });
    expect(code).toBe(EXIT.unavailable);
    expect(answer["detail"]).toContain("nats");
  });
});

describeWithServers("postgres", "signalpath migrate", (url) => {
  it("brings the tables up to date once, and finds them so afterwards", async () => {
    expect((await migrate({ DATABASE_URL: url })).code).toBe(EXIT.ok);
    expect(await migrate({ DATABASE_URL: url })).toEqual({
      code: EXIT.ok,
      answer: { migrations: 0 },
    });
  });
});

describeWithServers("nats", "signalpath migrate", (url) => {
  it("creates the streams, as often as it is asked", async () => {
    for (let time = 0; time < 2; time++) {
      expect(await migrate({ NATS_URL: url })).toEqual({
        code: EXIT.ok,
        answer: { streams: true },
      });
    }
  });
});
