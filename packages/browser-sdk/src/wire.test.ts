import { headers } from "@signalpath/contracts";
import { expect, test } from "vitest";

import { API_KEY_HEADER, RETRY_AFTER_HEADER } from "./wire.ts";

test("header names are those of the contracts", () => {
  expect([API_KEY_HEADER, RETRY_AFTER_HEADER]).toEqual([headers.apiKey, headers.retryAfter]);
});
