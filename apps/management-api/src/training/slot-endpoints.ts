import {
  deploymentSlot,
  deploymentSlotBody,
  deploymentSlotChanges,
  pageOf,
  promoteShadowBody,
  slotsQuery,
  type Endpoint,
} from "@signalpath/contracts";

import { one, read, removal, V1, write } from "./endpoint-parts.ts";

const slot = { path: `${V1}/deployment_slot/`, tag: "deployment" } as const;

/** Deployment slots. */
export const slotEndpoints = {
  listSlots: {
    ...slot,
    ...read,
    method: "get",
    summary: "Deployment slots",
    query: slotsQuery,
    response: pageOf(deploymentSlot),
  },
  createSlot: {
    ...slot,
    ...write,
    method: "post",
    summary: "A new slot",
    body: deploymentSlotBody,
    status: 201,
    response: deploymentSlot,
  },
  getSlot: { ...one(slot), ...read, method: "get", summary: "One slot", response: deploymentSlot },
  changeSlot: {
    ...one(slot),
    ...write,
    method: "patch",
    summary: "Change what is given",
    body: deploymentSlotChanges,
    response: deploymentSlot,
  },
  promoteSlot: {
    ...one(slot, "promote/"),
    ...write,
    method: "post",
    summary: "A shadow answers from now on, and the slots it replaces do not: both in one step",
    body: promoteShadowBody,
    response: deploymentSlot,
  },
  removeSlot: { ...one(slot), ...removal, summary: "Take a slot away; its number stays taken" },
} as const satisfies Record<string, Endpoint>;
