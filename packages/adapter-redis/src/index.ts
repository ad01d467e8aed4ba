export { closeRedis, openRedis, type OpenRedisOptions, type RedisClient } from "./client.ts";
export { createRedisEventBuffer } from "./event-buffer.ts";
export { createRedisFeatureStore } from "./feature-store.ts";
export { createRedisRateLimiter } from "./rate-limiter.ts";
export { createRedisUserModelStore } from "./user-model-store.ts";
export { redisWarnings } from "./warnings.ts";
