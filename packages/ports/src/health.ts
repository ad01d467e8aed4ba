/** What `/readyz` asks of everything an app stands on. Resolves, or throws the reason. */
export interface Probe {
  /** Name of the dependency: `bus`, `archive`, `event_buffer`, ... */
  name: string;
  check(): Promise<void>;
  /** `false`: what it costs when it is down is quality; the app stays ready and says `degraded`. */
  essential?: false;
}
