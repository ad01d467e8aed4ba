import { sql } from "drizzle-orm";

import {
  createRowsSummary,
  RefusedError,
  type Clock,
  type NewTrainingData,
  type RowsSummary,
  type TrainingData,
  type TrainingDataStore,
  type TrainingRow,
} from "@signalpath/ports";

import { rowsOf, type Db } from "../db.ts";
import { guard } from "../guard.ts";
import { trainingData, trainingDataBlocks } from "../schema/training-data.ts";
import { array, fromMs, isoTime } from "../sql-parts.ts";
import { decodeBlock, encodeBlock } from "./row-blocks.ts";
import { equals, oneRow, rowsPage } from "./rows-page.ts";

/** An upload that got no block for this long was cut off; the next one clears it away. */
const ABANDONED_MS = 3_600_000;
/** Rows of a block. */
const BLOCK_ROWS = 10_000;

const COLUMNS = sql`id, project_id, filename, columns, rows, users, items, digest,
  ${isoTime(trainingData.dataFrom)} as data_from, ${isoTime(trainingData.dataTo)} as data_to,
  ${isoTime(trainingData.createdAt)} as created_at`;
const STORED = sql`stored_at is not null`;

/** Uploads in Postgres or PGlite, in blocks of their own so that no transaction waits for a client. */
export function createPostgresTrainingData(db: Db, { now }: { now: Clock }): TrainingDataStore {
  return {
    store: (data, batches) => store(db, now, data, batches),
    get: (id) =>
      guard(() =>
        oneRow<TrainingData>(
          db,
          sql`select ${COLUMNS} from ${trainingData} where id = ${id} and ${STORED}`,
        ),
      ),
    list: ({ project_id, ...page }) =>
      guard(() => {
        const where = [STORED, equals("project_id", project_id)];
        const from = { table: trainingData, columns: COLUMNS, where, order: sql`id` };
        return rowsPage<TrainingData>(db, from, page);
      }),
    newest: (projectId) =>
      guard(() =>
        oneRow<TrainingData>(
          db,
          sql`select ${COLUMNS} from ${trainingData}
            where project_id = ${projectId} and ${STORED} order by id desc limit 1`,
        ),
      ),
    read: (id) => readBlocks(db, id),
    remove: (id) =>
      guard(async () => {
        const gone = await rowsOf(
          db,
          sql`delete from ${trainingData} where id = ${id} and ${STORED} returning id`,
        );
        return gone.length > 0;
      }),
    check: () =>
      guard(async () => void (await rowsOf(db, sql`select from ${trainingData} limit 1`))),
  };
}

async function store(
  db: Db,
  now: Clock,
  data: NewTrainingData,
  batches: AsyncIterable<readonly TrainingRow[]>,
): Promise<TrainingData> {
  const id = await begin(db, now(), data);
  const summary = createRowsSummary();
  let sequence = 0;
  const append = (rows: readonly TrainingRow[]): Promise<void> =>
    guard(async () => {
      const block = await encodeBlock(rows);
      sequence++;
      await db.execute(sql`with block as (
          insert into ${trainingDataBlocks} (training_data_id, sequence, block)
            values (${id}, ${sequence}, ${block}))
        update ${trainingData} set touched_at = ${fromMs(now())} where id = ${id}`);
    });
  try {
    let waiting: TrainingRow[] = [];
    for await (const batch of batches) {
      summary.add(batch);
      for (const row of batch) waiting.push(row);
      if (waiting.length < BLOCK_ROWS) continue;
      await append(waiting);
      waiting = [];
    }
    if (waiting.length > 0) await append(waiting);
    return await finish(db, now(), id, summary.summary());
  } catch (error) {
    // Whatever remains when this fails too is cleared away by a later upload.
    await guard(() => db.execute(sql`delete from ${trainingData} where id = ${id}`)).catch(
      () => undefined,
    );
    throw error;
  }
}

function begin(db: Db, atMs: number, data: NewTrainingData): Promise<number> {
  return guard(async () => {
    await db.execute(sql`delete from ${trainingData}
      where stored_at is null and touched_at < ${fromMs(atMs - ABANDONED_MS)}`);
    const row = await oneRow<{ id: number }>(
      db,
      sql`insert into ${trainingData} (project_id, filename, columns, created_at, touched_at)
        values (${data.project_id}, ${data.filename}, ${array("text", data.columns)},
          ${fromMs(atMs)}, ${fromMs(atMs)}) returning id`,
    );
    return (row as { id: number }).id;
  });
}

function finish(db: Db, atMs: number, id: number, made: RowsSummary): Promise<TrainingData> {
  return guard(async () => {
    const row = await oneRow<TrainingData>(
      db,
      sql`update ${trainingData} set rows = ${made.rows}, users = ${made.users},
          items = ${made.items}, digest = ${made.digest}, data_from = ${made.data_from}::timestamptz,
          data_to = ${made.data_to}::timestamptz, created_at = ${fromMs(atMs)},
          stored_at = ${fromMs(atMs)}
        where id = ${id} returning ${COLUMNS}`,
    );
    if (row === undefined) throw new RefusedError("the upload took too long and was cleared away");
    return row;
  });
}

async function* readBlocks(db: Db, id: number): AsyncIterable<TrainingRow[]> {
  const stored = await guard(() =>
    oneRow<{ rows: number }>(
      db,
      sql`select rows from ${trainingData} where id = ${id} and ${STORED}`,
    ),
  );
  if (stored === undefined) throw new RefusedError("there is no such training data");
  let left = stored.rows;
  for (let sequence = 1; ; sequence++) {
    const row = await guard(() =>
      oneRow<{ block: Uint8Array }>(
        db,
        sql`select block from ${trainingDataBlocks}
          where training_data_id = ${id} and sequence = ${sequence}`,
      ),
    );
    if (row === undefined) break;
    const rows = await decodeBlock(row.block);
    left -= rows.length;
    yield rows;
  }
  if (left !== 0) throw new RefusedError("the training data was removed while it was read");
}
