import { z } from "zod";

export const V1 = "/api/v1";
const nothing = z.null().describe("No content");

/** Calls of one resource: their paths, tag and scopes are alike. */
export const read = { auth: "read", errors: [404, 422, 503] } as const;
export const write = { auth: "write", errors: [400, 404, 409, 422, 503] } as const;
export const removal = { method: "delete", ...write, status: 204, response: nothing } as const;

/** One row of a resource, or what lies below it. */
export const one = ({ path, tag }: { path: string; tag: string }, rest = "") => ({
  path: `${path}{id}/${rest}`,
  tag,
});
