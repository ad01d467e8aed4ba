import {
  migrate,
  openPglite,
  createPostgresArchive,
  createPostgresArchiveReader,
} from "@signalpath/adapter-postgres";
import { createMemoryArchive, createMemoryBus } from "@signalpath/ports";
import { busContract, sha256, type MakeBus } from "@signalpath/ports/contract-suites";
import { afterAll, beforeAll, describe, TestRunner } from "vitest";

import { createArchiveBus, type ArchiveBusOptions } from "./archive-bus.ts";
import { shimSubject, throughEvents } from "./signals-shim.ts";

/** Promises this bus does not make, and why. */
const SKIPPED: Readonly<Record<string, string>> = {
  "what is published is delivered as it was":
    "rows read back from the log carry no headers: the archive keeps none",
};

function makeOn(log: () => Pick<ArchiveBusOptions, "archive" | "reader">): MakeBus {
  return async ({ retryPausesMs }) => {
    const test = TestRunner.getCurrentTest();
    const reason = SKIPPED[test?.name ?? ""];
    if (reason !== undefined) test?.context.skip(reason);
    const onError = (): void => undefined;
    const control = createMemoryBus({ now: Date.now, onError });
    const options = { now: Date.now, control, onError, retryPausesMs, subjectOf: shimSubject };
    const bus = throughEvents(createArchiveBus({ ...log(), ...options }));
    return { bus, replica: bus, close: () => bus.close() };
  };
}

describe("archive bus over the memory archive", () => {
  busContract(makeOn(() => createMemoryArchive({ sha256, now: Date.now })));
});

describe("archive bus over the embedded database", () => {
  let log: Pick<ArchiveBusOptions, "archive" | "reader"> | undefined;
  let close: () => Promise<void> = async () => undefined;
  beforeAll(async () => {
    const database = await openPglite(undefined);
    await migrate(database.db);
    close = () => database.close();
    log = {
      archive: createPostgresArchive(database.db, { sha256, now: Date.now }),
      reader: createPostgresArchiveReader(database.db),
    };
  });
  afterAll(() => close());
  busContract(makeOn(() => log as NonNullable<typeof log>));
});
