import { z } from "zod";

import { insDatetime, rowId as id, storedText } from "./common.ts";
import { pageQuery } from "./management.ts";

const name = storedText.trim().min(1).max(200);
const weight = z.number().min(0).max(100);
export const deploymentSlotBody = z.strictObject({
  project: id,
  name,
  trained_model: id,
  weight: weight.default(100),
  is_active: z.boolean().default(true),
  is_shadow: z
    .boolean()
    .default(false)
    .describe("It answers nobody: weight percent of the requests are put to it as well"),
});
export const deploymentSlotChanges = z
  .strictObject({ name, trained_model: id, weight, is_active: z.boolean(), is_shadow: z.boolean() })
  .partial();
export const slotsQuery = pageQuery.extend({ is_active: z.enum(["true", "false"]).optional() });
export const deploymentSlot = z
  .object({
    id: z.int(),
    project: z.int(),
    name: z.string(),
    trained_model: z.int(),
    weight: z.number(),
    is_active: z.boolean(),
    is_shadow: z.boolean(),
    variation_index: z.int(),
    created_at: z.string(),
    ins_datetime: insDatetime,
    updated_at: z.string(),
  })
  .meta({ id: "DeploymentSlot" });

export const slotRoutingBody = z.strictObject({
  mode: z
    .enum(["sticky", "random"])
    .describe("sticky: a user keeps a slot. random: each request draws, so no test can be read"),
});
export const slotRouting = slotRoutingBody.extend({ project: z.int() }).meta({ id: "SlotRouting" });
