import type { DatabaseDescription } from "@signalpath/adapter-postgres";

import type { Finding } from "./finding.ts";

/** What the scripts of this project are tested on. */
const OLDEST = 15;

export function databaseFindings(database: DatabaseDescription): Finding[] {
  const { version, pendingMigrations, unsafe } = database;
  const postgres = (verdict: Finding["verdict"], what: string): Finding => ({
    about: "postgres",
    verdict,
    what,
  });
  const isOld = Number.parseInt(version, 10) < OLDEST;
  return [
    isOld
      ? postgres("warning", `Postgres ${version}: tested on ${OLDEST} and newer`)
      : postgres("ok", `Postgres ${version}`),
    pendingMigrations === 0
      ? postgres("ok", "tables are up to date")
      : postgres("refused", `${pendingMigrations} migrations are missing: signalpath migrate`),
    ...unsafe.map((name) =>
      postgres("warning", `${name} is off: a power cut may lose what was acknowledged`),
    ),
  ];
}
