import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { migrate } from "./migrate.ts";
import { pgliteTemplate, runContracts } from "./testing.ts";

describe("contracts of PGlite", () => {
  let template: Awaited<ReturnType<typeof pgliteTemplate>>;
  beforeAll(async () => {
    template = await pgliteTemplate();
  });
  afterAll(() => template.remove());

  runContracts(() => template.open());

  test("a copy of a migrated directory needs no migration, and three at once do no harm", async () => {
    const opened = await template.open();
    const applied = await Promise.all([1, 2, 3].map(() => migrate(opened.db)));
    expect(applied).toEqual([0, 0, 0]);
    await expect(opened.check()).resolves.toBeUndefined();
    await opened.close();
  });
});
