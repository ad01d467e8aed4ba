import { expect, it } from "vitest";

import { readMetrics, writeSample } from "./metrics-text.ts";

it("picks what tells of caches, queues and memory", () => {
  const text = [
    "# HELP process_resident_memory_bytes Resident memory size in bytes.",
    "process_resident_memory_bytes 104857600",
    'dlq_messages{svc="user-model-updater"} 3',
    'list_cache_total{result="hit"} 12',
    'http_server_request_duration_seconds_count{route="/"} 9',
    'model_cache_seconds_bucket{le="0.1"} 9',
    "live_clients NaN",
    "",
  ].join("\n");
  expect(readMetrics(text)).toEqual([
    { name: "process_resident_memory_bytes", labels: "", value: 104_857_600 },
    { name: "dlq_messages", labels: '{svc="user-model-updater"}', value: 3 },
    { name: "list_cache_total", labels: '{result="hit"}', value: 12 },
  ]);
});

it("writes bytes and seconds with their unit", () => {
  expect(writeSample({ name: "process_resident_memory_bytes", value: 104_857_600 })).toBe(
    "100.0 MiB",
  );
  expect(writeSample({ name: "nodejs_eventloop_lag_p99_seconds", value: 0.0125 })).toBe("12.5 ms");
  expect(writeSample({ name: "dlq_messages", value: 1_200 })).toBe("1,200");
});
