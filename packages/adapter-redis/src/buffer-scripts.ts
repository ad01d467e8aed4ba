import { script } from "./script.ts";

// Numbers above 1e14 lose digits in Lua's own number to text conversion: always %.0f.
const SHARED = `
local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function text(n) return string.format('%.0f', n) end
-- Eviction takes keys one by one: half a buffer is none.
local function halved(order, payload)
  local marks = redis.call('HEXISTS', payload, 'filled') + redis.call('HEXISTS', payload, 'epoch')
  return redis.call('HLEN', payload) - marks ~= redis.call('ZCARD', order)
end
local function live_at_least(key, at)
  if redis.call('PEXPIRETIME', key) < at then redis.call('PEXPIREAT', key, text(at)) end
end
`;

/** Additions a buffer remembers, so that who knows an earlier state gets only what came since. */
const JOURNAL_LENGTH = 64;

/**
 * KEYS order, payload, meta, recent. ARGV fill (1 set, 0 leave, - clear the mark), cap, window ms,
 * epoch and revision the caller knows (or empty), epoch the buffer must have (* = any), then id,
 * time ms, JSON of each event.
 * Answers {redirect, open} or {revision, epoch, filled, size, complete, values, other}: all values of the
 * payload, or only those that were added after what the caller knows, its own events left out where
 * they are all. Without events and fill it only reads.
 */
export const APPEND = script(`${SHARED}
local order, payload, meta, recent = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local redirect = redis.call('HGET', meta, 'redirect')
if redirect then return {redirect, redis.call('HEXISTS', meta, 'open')} end
if halved(order, payload) then redis.call('UNLINK', order, payload, recent) end

local before = tonumber(redis.call('HGET', meta, 'revision') or '0')
local revision = before
local fill, cap, window = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local epoch = redis.call('HGET', payload, 'epoch')
-- Another buffer than the one the events were read for: only answered.
local last, other = #ARGV, 0
if ARGV[6] ~= '*' and ARGV[6] ~= (epoch or '') then
  fill, last, other = '0', 6, 1
end
if (not epoch and (last > 6 or fill == '1')) or (epoch and fill == '-') then
  local at = redis.call('TIME')
  epoch = text(math.max(at[1] * 1000000 + at[2], (tonumber(epoch) or 0) + 1))
  redis.call('HSET', payload, 'epoch', epoch)
  redis.call('UNLINK', recent)
end

local fresh, survivors = {}, 0
for i = 7, last, 3 do
  local id = ARGV[i]
  if redis.call('HSETNX', payload, 'e' .. id, ARGV[i + 2]) == 1 then
    redis.call('ZADD', order, ARGV[i + 1], id)
    fresh[id] = true
    survivors = survivors + 1
  end
end
local newest = redis.call('ZRANGE', order, -1, -1, 'WITHSCORES')[2]
if survivors > 0 then
  local function drop(ids)
    for _, id in ipairs(ids) do
      redis.call('ZREM', order, id)
      redis.call('HDEL', payload, 'e' .. id)
      if fresh[id] then
        fresh[id] = nil
        survivors = survivors - 1
      end
    end
  end
  drop(redis.call('ZRANGE', order, '-inf', text(newest - window), 'BYSCORE'))
  local over = redis.call('ZCARD', order) - cap
  if over > 0 then drop(redis.call('ZRANGE', order, 0, over - 1)) end
end

if fill == '1' then redis.call('HSET', payload, 'filled', 1) end
if fill == '-' then redis.call('HDEL', payload, 'filled') end
if survivors > 0 then
  local floor = tonumber(redis.call('HGET', meta, 'floor') or '0')
  revision = math.max(revision + 1, now_ms(), floor)
  redis.call('HSET', meta, 'revision', text(revision))
  for id in pairs(fresh) do redis.call('RPUSH', recent, text(revision) .. ' ' .. id) end
  redis.call('LTRIM', recent, -${JOURNAL_LENGTH}, -1)
end

-- What the caller knows plus its own events, plus what the journal says came in between.
local function since(known)
  if known == before or known == revision then return {} end
  local journal = redis.call('LRANGE', recent, 0, -1)
  if known > revision or not journal[1] then return nil end
  if tonumber(string.match(journal[1], '^%d+')) > known then return nil end
  local values = {}
  for i = #journal, 1, -1 do
    local at, id = string.match(journal[i], '^(%d+) (.*)$')
    if tonumber(at) <= known then break end
    local value = redis.call('HGET', payload, 'e' .. id)
    if value then values[#values + 1] = value end
  end
  return values
end
local values = nil
if epoch and ARGV[4] == epoch then values = since(tonumber(ARGV[5])) end
local complete = values and 0 or 1
local answer = {
  text(revision), epoch or '', redis.call('HEXISTS', payload, 'filled'),
  redis.call('ZCARD', order), complete, values or redis.call('HVALS', payload), other
}
if survivors > 0 or fill == '1' then
  local until_ms = (tonumber(newest) or now_ms()) + window
  live_at_least(meta, until_ms)
  -- Answered once, gone by the next call.
  if until_ms <= now_ms() then answer[2] = '' end
  for _, key in ipairs({order, payload, recent}) do
    redis.call('PEXPIREAT', key, text(until_ms))
  end
end
return answer
`);

/**
 * First half of a move. KEYS order, payload, meta. ARGV root to move to, life of a redirect ms.
 * Answers {redirect} when the move is finished, else {redirect, filled, payload values}.
 */
export const BEGIN_MOVE = script(`${SHARED}
local order, payload, meta = KEYS[1], KEYS[2], KEYS[3]
local redirect = redis.call('HGET', meta, 'redirect')
if not redirect then
  redirect = ARGV[1]
  redis.call('HSET', meta, 'redirect', redirect, 'open', 1)
end
live_at_least(meta, now_ms() + ARGV[2])
if redis.call('HEXISTS', meta, 'open') == 0 then return {redirect} end
local filled = redis.call('HEXISTS', payload, 'filled')
if halved(order, payload) then filled = 0 end
return {redirect, filled, redis.call('HVALS', payload)}
`);

/**
 * Second half, after the events were joined into the new key. KEYS order, payload, meta, recent,
 * model, features.
 */
export const FINISH_MOVE = script(`
if redis.call('HEXISTS', KEYS[3], 'redirect') == 0 then return 0 end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[4], KEYS[5], KEYS[6])
return redis.call('HDEL', KEYS[3], 'open')
`);

/**
 * KEYS order, payload, meta, recent, model, features. ARGV floor, life of a floor ms, 1 = the model
 * too. Answers {1 when there were events, 1 when a model was removed}. The floor is lifted above the current revision: a refresh that read the set before must lose.
 */
export const ERASE_BUFFER = script(`${SHARED}
local order, payload, meta = KEYS[1], KEYS[2], KEYS[3]
local removed = redis.call('UNLINK', order)
redis.call('UNLINK', payload, KEYS[4])
local features = redis.call('UNLINK', KEYS[6])
local model = 0
if ARGV[3] == '1' then model = redis.call('UNLINK', KEYS[5]) end
-- Nothing is left that a move could bring.
redis.call('HDEL', meta, 'open')
local known = redis.call('HMGET', meta, 'revision', 'floor')
local revision, floor = tonumber(known[1] or '0'), tonumber(known[2] or '0')
floor = math.max(floor, tonumber(ARGV[1]))
if removed == 1 then floor = math.max(floor, revision + 1, now_ms()) end
redis.call('HSET', meta, 'floor', text(floor), 'revision', text(math.max(revision, floor)))
live_at_least(meta, now_ms() + ARGV[2])
return {removed, model, features}
`);
