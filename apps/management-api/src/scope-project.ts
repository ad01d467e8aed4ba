import { z } from "zod";

/** `?project=` of calls that work on one project, for the OpenAPI document. */
export const projectQuery = z.object({
  project: z.int().positive().optional().describe("Admin keys only; default: the key's project"),
});
