import { createManualClock, createMemoryKeys, createMemoryProjects } from "@signalpath/ports";
import { expect, it } from "vitest";

import { createAuthenticator } from "./auth.ts";
import { mintKey } from "./key-material.ts";
import { createLogger } from "./logger.ts";
import { derivePeppers } from "./sha256.ts";

it("keys of the previous secret work while it is named, and no longer", async () => {
  const { now } = createManualClock();
  const logger = createLogger({ service: "test", level: "silent" });
  const projects = createMemoryProjects({ now });
  const keys = createMemoryKeys({ projects, now });
  const { id: projectId } = await projects.create("shop");
  const before = derivePeppers("the secret before, long enough", undefined);
  const { key, prefix, hash } = mintKey(before.pepper);
  const { id } = await keys.create({
    projectId,
    name: "old",
    kind: "api",
    scopes: ["read"],
    prefix,
    hash,
  });
  const of = (previous: string | undefined) =>
    createAuthenticator({ keys, now, logger, ...derivePeppers("the new secret", previous) });
  expect(await of("the secret before, long enough").verify(key)).toMatchObject({ id });
  await expect(of(undefined).verify(key)).rejects.toMatchObject({ code: "KEY_INVALID" });
  await expect(of("another one").verify(key)).rejects.toMatchObject({ code: "KEY_INVALID" });
});
