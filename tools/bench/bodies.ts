/** Lua for wrk: posts a track event with a new message id each time, for `users` people and `items`. */
export function ingestScript(key: string, run: string, perRequest = 1): string {
  return `
local n = 0
local headers = {["Content-Type"] = "application/json", ["X-Write-Key"] = "${key}"}
local function event()
  n = n + 1
  return string.format('{"type":"track","event":"Tip Feedback","messageId":"${run}-%d","userId":"user-%d","properties":{"item_id":"bench-%d","reaction":"like","dwell_ms":%d},"context":{"library":{"name":"bench"},"locale":"en-GB"}}', n, n % 5000, n % 997, 1000 + n % 60000)
end
request = function()
  if ${perRequest} == 1 then return wrk.format("POST", nil, headers, event()) end
  local list = {}
  for i = 1, ${perRequest} do list[i] = event() end
  return wrk.format("POST", nil, headers, "[" .. table.concat(list, ",") .. "]")
end
`;
}

/** An item of a catalogue of any size: 40 tags, 64 dimensions, words and dates that differ. */
export function benchItem(index: number): Record<string, unknown> {
  const vector = Array.from({ length: 64 }, (_unused, i) => Math.sin(index * 31 + i * 17));
  return {
    item_id: `bench-${index}`,
    title: `Item ${index}`,
    tags: [
      { facet: "topic", label: `topic ${index % 40}` },
      { facet: "topic", label: `topic ${(index * 7) % 40}` },
      { facet: "format", label: index % 2 === 0 ? "tip" : "article" },
    ],
    word_count: 100 + (index % 900),
    vector,
    published_at: new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString(),
  };
}
