import autocannon from "autocannon";

/** Posts single events at a fixed rate and answers the latencies. */
export async function paced(options: {
  url: string;
  key: string;
  rate: number;
  seconds: number;
  connections?: number;
}): Promise<{ p50Ms: number; p99Ms: number; errors: number }> {
  let n = 0;
  const started = Date.now();
  const result = await autocannon({
    url: options.url,
    connections: options.connections ?? 32,
    duration: options.seconds,
    overallRate: Math.max(1, Math.floor(options.rate)),
    requests: [
      {
        method: "POST",
        headers: { "content-type": "application/json", "x-write-key": options.key },
        setupRequest: (request) => {
          n++;
          const body = JSON.stringify({
            type: "track",
            event: "Tip Feedback",
            messageId: `paced-${started}-${n}`,
            userId: `paced-${n % 2_000}`,
            properties: { item_id: `bench-${n % 997}`, reaction: "like" },
          });
          return { ...request, body };
        },
      },
    ],
  });
  return {
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    errors: result.non2xx + result.errors,
  };
}
