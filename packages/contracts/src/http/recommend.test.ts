import { describe, expect, it } from "vitest";

import { recommendQuery } from "./recommend.ts";

const read = (query: Record<string, string>) =>
  recommendQuery.safeParse({ user_id: "u", ...query });

describe("the query of recommend", () => {
  it("trims ids as ingest does", () => {
    const query = read({ user_id: " u1 ", exclude: "a, b,,c " });
    expect(query.data).toMatchObject({ user_id: "u1", exclude: ["a", "b", "c"], limit: 10 });
  });

  it.each([
    { limit: "0" },
    { limit: "101" },
    { limit: "" },
    { filter: "theme" },
    { filter: ":" },
    { filter: "" },
    { near_lat: " ", near_lon: "9" },
    { near_lat: "52" },
    { near_lat: "52", near_lon: "9", geo_radius_m: "" },
    { geo_radius_m: "100" },
    { user_id: " " },
  ])("refuses %j instead of reading something else into it", (query) => {
    expect(read(query).success).toBe(false);
  });

  it("reads numbers and flags", () => {
    const query = read({ near_lat: "52.5", near_lon: "-9", geo_radius_m: "500", explain: "1" });
    expect(query.data).toMatchObject({
      near_lat: 52.5,
      near_lon: -9,
      geo_radius_m: 500,
      explain: true,
    });
  });
});
