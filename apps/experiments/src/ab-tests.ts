import {
  MAX_ROW_ID,
  ServiceError,
  subjects,
  type abTest,
  type abTestBody,
  type abTestChanges,
  type promotedWinner,
} from "@signalpath/contracts";
import { RefusedError, type AbTest, type AbTestChanges } from "@signalpath/ports";
import type { z } from "zod";

import type { Call, Context } from "./context.ts";
import { withReuseNamed } from "./once.ts";

/** Projects a caller may touch. */
export type MayTouch = (projectId: number) => boolean;

/**
 * Create, change, start, stop tests of two deployment slots, and let one of them win.
 * @throws ServiceError AB_TEST_NOT_FOUND, AB_TEST_STATE, FOREIGN_PROJECT.
 */
export function createAbTestVerbs(ctx: Pick<Context, "abTests" | "slots" | "announce" | "kit">) {
  const { abTests, slots, announce, kit } = ctx;

  async function own(mayTouch: MayTouch, id: number): Promise<AbTest> {
    const test = await abTests.get(id);
    if (test === undefined || !mayTouch(test.project_id)) throw noTest();
    return test;
  }

  async function change(
    mayTouch: MayTouch,
    id: number,
    decide: (current: AbTest) => AbTestChanges,
  ): Promise<AbTest> {
    await own(mayTouch, id);
    const changed = await abTests.update(id, decide);
    if (changed === undefined) throw noTest();
    return changed;
  }

  async function assertSlots(projectId: number, ids: readonly number[]): Promise<void> {
    for (const id of ids) {
      const slot = id <= MAX_ROW_ID ? await slots.get(id) : undefined;
      if (slot?.project_id === projectId) continue;
      const message = "Deployment slot does not belong to the specified project";
      throw new ServiceError("AB_TEST_STATE", message);
    }
    if (new Set(ids).size < ids.length) {
      throw new ServiceError("VALIDATION_FAILED", "the two slots must differ", {
        issues: [{ path: "variant_slot", message: "the same as control_slot" }],
      });
    }
  }

  const move = (mayTouch: MayTouch, id: number, from: AbTest["status"], to: AbTestChanges) =>
    change(mayTouch, id, ({ status }) => {
      if (status === from) return to;
      const verb = from === "DRAFT" ? "start" : "stop";
      throw new ServiceError("AB_TEST_STATE", `Can only ${verb} tests in ${from} status`);
    });
  const iso = () => new Date(kit.now()).toISOString();

  return {
    own,
    async create(mayTouch: MayTouch, body: z.output<typeof abTestBody>) {
      const { project, ...rest } = body;
      if (!mayTouch(project)) {
        throw new ServiceError("FOREIGN_PROJECT", "API key not authorized for this project");
      }
      await assertSlots(project, [rest.control_slot, rest.variant_slot]);
      return shownAbTest(await abTests.create({ ...rest, project_id: project }));
    },
    async change(mayTouch: MayTouch, id: number, changes: z.output<typeof abTestChanges>) {
      const current = await own(mayTouch, id);
      const { control_slot, variant_slot } = changes;
      if (control_slot !== undefined || variant_slot !== undefined) {
        const control = control_slot ?? current.control_slot;
        await assertSlots(current.project_id, [control, variant_slot ?? current.variant_slot]);
      }
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      const row = await change(mayTouch, id, ({ status }) => {
        if (status !== "DRAFT" && given.some(([name]) => name !== "name")) {
          throw new ServiceError("AB_TEST_STATE", "Can only change tests in DRAFT status");
        }
        return Object.fromEntries(given);
      });
      return shownAbTest(row);
    },
    start: async (mayTouch: MayTouch, id: number) =>
      shownAbTest(await move(mayTouch, id, "DRAFT", { status: "RUNNING", started_at: iso() })),
    stop: async (mayTouch: MayTouch, id: number) =>
      shownAbTest(await move(mayTouch, id, "RUNNING", { status: "COMPLETED", ended_at: iso() })),
    /** Rows stay: a test that is over or was never run is cancelled. */
    cancel: async (mayTouch: MayTouch, id: number) =>
      shownAbTest(
        await change(mayTouch, id, ({ ended_at, started_at }) => ({
          status: "CANCELLED",
          ...(started_at !== null && ended_at === null ? { ended_at: iso() } : {}),
        })),
      ),
    /** The winner gets all the weight, the other slot is switched off. */
    async promote(
      mayTouch: MayTouch,
      id: number,
      slotId: number,
      call: Pick<Call, "once" | "traceHeaders">,
    ): Promise<z.output<typeof promotedWinner>> {
      const test = await own(mayTouch, id);
      await asState(withReuseNamed(() => abTests.promote(id, winnerOf(slotId), call.once)));
      await announce(subjects.slotsChanged, { project_id: test.project_id }, call.traceHeaders);
      return { status: "promoted", winner_slot_id: slotId };
    },
  };
}

const noTest = (): ServiceError => new ServiceError("AB_TEST_NOT_FOUND", "no such test");

/** Which slot wins and which is switched off. */
const winnerOf =
  (winner: number) =>
  ({ status, control_slot, variant_slot }: AbTest) => {
    if (status !== "COMPLETED") {
      throw new ServiceError("AB_TEST_STATE", "Can only promote winner of COMPLETED tests");
    }
    if (winner !== control_slot && winner !== variant_slot) {
      throw new ServiceError("AB_TEST_STATE", "slot_id must be one of the two slots of the test");
    }
    return { winner, loser: winner === control_slot ? variant_slot : control_slot };
  };

/** What the store refuses is a state of the test: its winner's slot was removed. */
async function asState<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw new ServiceError("AB_TEST_STATE", error.message, { cause: error });
  }
}

/** A test as callers see it. */
export function shownAbTest({ project_id, created_at, ...row }: AbTest): z.output<typeof abTest> {
  return { ...row, project: project_id, ins_datetime: created_at };
}
