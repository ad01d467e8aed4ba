// Databases for the suites of this package. Imported by tests only.
import { randomUUID } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sql } from "drizzle-orm";

import { createManualClock } from "@signalpath/ports";
import {
  abTestsContract,
  archiveContract,
  archiveReaderContract,
  catalogueContract,
  CONTRACT_MAX_LETTERS,
  deadLettersContract,
  deploymentSlotsContract,
  experimentEventsContract,
  experimentsContract,
  itemStatsContract,
  keysContract,
  learningContract,
  modelCatalogueContract,
  modelConfigurationsContract,
  projectsContract,
  rankingRulesContract,
  retrainingSchedulesContract,
  sha256,
  trainingDataContract,
  trainingRunsContract,
  type ArchiveParts,
} from "@signalpath/ports/contract-suites";
import { afterAll, beforeAll } from "vitest";

import { createPostgresArchive } from "./archive/archive.ts";
import { createPostgresArchiveReader } from "./archive/reader.ts";
import { createPostgresCatalogue } from "./catalogue.ts";
import type { Db } from "./db.ts";
import { createPostgresDeadLetters } from "./dead-letters.ts";
import { createPostgresAbTests } from "./experiments/ab-tests.ts";
import { createPostgresExperimentEvents } from "./experiments/experiment-events.ts";
import { createPostgresExperiments } from "./experiments/experiments.ts";
import { createPostgresItemStats } from "./item-stats.ts";
import { createPostgresKeys } from "./keys.ts";
import { createPostgresLearning } from "./learning/learning.ts";
import { migrate } from "./migrate.ts";
import { openPglite } from "./open-pglite.ts";
import { openPostgres, type OpenDb } from "./open-postgres.ts";
import { createPostgresProjects } from "./projects.ts";
import { createPostgresRankingRules } from "./ranking-rules.ts";
import { createPostgresTraining } from "./training/training-stores.ts";

/** A new database on a server, gone after `close`. Not migrated. */
export async function newDatabase(serverUrl: string): Promise<OpenDb & { url: string }> {
  const name = `suite_${randomUUID().replaceAll("-", "")}`;
  const onError = (): void => {};
  const server = openPostgres(serverUrl, { max: 1, onError });
  await server.db.execute(sql.raw(`create database ${name}`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const opened = openPostgres(url.href, { max: 8, onError });
  return {
    ...opened,
    url: url.href,
    close: async () => {
      await opened.close();
      await server.db.execute(sql.raw(`drop database ${name} with (force)`));
      await server.close();
    },
  };
}

/** A directory that is gone after `remove`. */
export async function scratchDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "signalpath-pglite-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Makes embedded databases out of copies of one migrated directory: much faster than migrating. */
export async function pgliteTemplate(): Promise<{
  open(): Promise<OpenDb>;
  remove(): Promise<void>;
}> {
  const dir = await scratchDir();
  const template = join(dir.path, "template");
  const first = await openPglite(template);
  await migrate(first.db);
  await first.close();
  return {
    open: async () => {
      const copy = join(dir.path, randomUUID());
      await cp(template, copy, { recursive: true });
      return openPglite(copy);
    },
    remove: () => dir.remove(),
  };
}

/** Every contract of this package on one database, emptied before each test. */
export function runContracts(open: () => Promise<OpenDb>): void {
  let opened: OpenDb;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  const emptied = async (): Promise<Db> => {
    await truncate(opened.db);
    return opened.db;
  };
  const archiveParts = async (): Promise<ArchiveParts> => {
    const db = await emptied();
    const clock = createManualClock();
    return {
      archive: createPostgresArchive(db, { sha256, now: clock.now }),
      reader: createPostgresArchiveReader(db),
      itemStats: createPostgresItemStats(db),
      deadLetters: createPostgresDeadLetters(db, { sha256 }),
      clock,
    };
  };
  archiveContract(archiveParts);
  archiveReaderContract(archiveParts);
  itemStatsContract(archiveParts);
  catalogueContract(async () => createPostgresCatalogue(await emptied()));
  deadLettersContract(async () =>
    createPostgresDeadLetters(await emptied(), { sha256, maxPerProject: CONTRACT_MAX_LETTERS }),
  );
  const keyParts = async () => {
    const db = await emptied();
    const clock = createManualClock();
    const projects = createPostgresProjects(db, clock);
    return { clock, projects, keys: createPostgresKeys(db, clock) };
  };
  keysContract(keyParts);
  projectsContract(keyParts);
  experimentEventsContract(async () => {
    const db = await emptied();
    const clock = createManualClock();
    const options = { sha256, now: clock.now, newId: randomUUID };
    const events = createPostgresExperimentEvents(db, options);
    return { events, archive: createPostgresArchive(db, options), clock };
  });
  learningContract(async () => {
    const db = await emptied();
    const clock = createManualClock();
    const options = { sha256, now: clock.now, newId: randomUUID };
    const learning = createPostgresLearning(db, options);
    return { learning, archive: createPostgresArchive(db, options), clock };
  });
  const experimentParts = async () => {
    const db = await emptied();
    const clock = createManualClock();
    const projects = createPostgresProjects(db, clock);
    const experiments = createPostgresExperiments(db, clock);
    const training = createPostgresTraining(db, { now: clock.now, newId: randomUUID });
    const abTests = createPostgresAbTests(db, clock);
    return { ...training, clock, projects, experiments, abTests };
  };
  experimentsContract(experimentParts);
  abTestsContract(experimentParts);
  rankingRulesContract(async () => {
    const db = await emptied();
    const clock = createManualClock();
    const rankingRules = createPostgresRankingRules(db, clock);
    return { clock, projects: createPostgresProjects(db, clock), rankingRules };
  });
  const trainingParts = async () => {
    const db = await emptied();
    const clock = createManualClock();
    const stores = createPostgresTraining(db, { now: clock.now, newId: randomUUID });
    return { ...stores, projects: createPostgresProjects(db, clock), clock };
  };
  for (const contract of [
    modelCatalogueContract,
    trainingDataContract,
    trainingRunsContract,
    deploymentSlotsContract,
    modelConfigurationsContract,
    retrainingSchedulesContract,
  ]) {
    contract(trainingParts);
  }
}

/** Only what a test filled: to empty all tables takes the embedded database longer than most tests. */
async function truncate(db: Db): Promise<void> {
  await db.execute(
    sql.raw(`do $$
      declare one text; filled boolean; named text[] := '{}';
      begin
        for one in select quote_ident(tablename) from pg_tables where schemaname = 'public' loop
          execute 'select exists (select from ' || one || ')' into filled;
          if filled then named := named || one; end if;
        end loop;
        if cardinality(named) > 0 then
          execute 'truncate ' || array_to_string(named, ', ') || ' restart identity cascade';
        end if;
      end $$`),
  );
}
