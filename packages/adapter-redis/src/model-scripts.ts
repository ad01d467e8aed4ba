import { script } from "./script.ts";

/**
 * KEYS model, meta. ARGV none, or revision, content and signals version the caller holds.
 * Answers {status, ...}: moved + to; absent; unchanged; ok + JSON, three versions, saved at ms.
 */
export const GET_MODEL = script(`
local redirect = redis.call('HGET', KEYS[2], 'redirect')
if redirect then return {'moved', redirect} end
if #ARGV == 3 then
  local at = redis.call('HMGET', KEYS[1], 'revision', 'content', 'signals')
  if at[1] == ARGV[1] and at[2] == ARGV[2] and at[3] == ARGV[3] then return {'unchanged'} end
end
local stored = redis.call('HMGET', KEYS[1], 'json', 'revision', 'content', 'signals', 'saved_at')
if not stored[1] then return {'absent'} end
return {'ok', unpack(stored)}
`);

/** KEYS model, meta. ARGV JSON, life ms, revision, content and signals version. */
export const SAVE_MODEL = script(`
local model, meta = KEYS[1], KEYS[2]
local mark = redis.call('HMGET', meta, 'redirect', 'floor')
if mark[1] then return {'moved', mark[1]} end
if tonumber(ARGV[3]) < tonumber(mark[2] or '0') then return {'below_floor'} end
local stored = redis.call('HMGET', model, 'revision', 'content', 'signals')
for part = 1, 3 do
  if stored[part] and tonumber(ARGV[part + 2]) < tonumber(stored[part]) then return {'stale'} end
end
local t = redis.call('TIME')
local now = string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
redis.call('HSET', model, 'json', ARGV[1], 'revision', ARGV[3], 'content', ARGV[4],
  'signals', ARGV[5], 'saved_at', now)
redis.call('PEXPIRE', model, ARGV[2])
return {'saved'}
`);

/** KEYS model, meta. ARGV floor, life of a floor ms. Answers 1 when there was a model. */
export const ERASE_MODEL = script(`
local floor = tonumber(redis.call('HGET', KEYS[2], 'floor') or '0')
redis.call('HSET', KEYS[2], 'floor', string.format('%.0f', math.max(floor, tonumber(ARGV[1]))))
local t = redis.call('TIME')
local until_ms = t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[2]
if redis.call('PEXPIRETIME', KEYS[2]) < until_ms then
  redis.call('PEXPIREAT', KEYS[2], string.format('%.0f', until_ms))
end
return redis.call('UNLINK', KEYS[1])
`);
