import { script } from "./script.ts";

/** KEYS features, meta. Answers {'moved', to} or {'ok', name, stored, ...}. */
export const GET_FEATURES = script(`
local redirect = redis.call('HGET', KEYS[2], 'redirect')
if redirect then return {'moved', redirect} end
local answer = {'ok'}
for _, part in ipairs(redis.call('HGETALL', KEYS[1])) do answer[#answer + 1] = part end
return answer
`);

/**
 * KEYS features, meta. ARGV life ms, revision, computed at ms, then name and JSON of each.
 * Answers {'moved', to}, {'below_floor'} or {'saved', refused names ...}.
 */
export const SAVE_FEATURES = script(`
local features, meta = KEYS[1], KEYS[2]
local mark = redis.call('HMGET', meta, 'redirect', 'floor')
if mark[1] then return {'moved', mark[1]} end
local revision, at = tonumber(ARGV[2]), tonumber(ARGV[3])
if revision < tonumber(mark[2] or '0') then return {'below_floor'} end
local answer = {'saved'}
local saved = false
for i = 4, #ARGV, 2 do
  local stored = redis.call('HGET', features, ARGV[i])
  local older = false
  if stored then
    local r, t = string.match(stored, '^(%d+) (%d+) ')
    r, t = tonumber(r), tonumber(t)
    older = revision < r or (revision == r and at < t)
  end
  if older then
    answer[#answer + 1] = ARGV[i]
  else
    redis.call('HSET', features, ARGV[i], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[i + 1])
    saved = true
  end
end
if saved then redis.call('PEXPIRE', features, ARGV[1]) end
return answer
`);
