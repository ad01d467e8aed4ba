/** The part of localStorage that is used. */
export interface KeyValues {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** What the client needs of the page it is in, so that a test can be the page. */
export interface Surroundings {
  fetch: typeof fetch;
  /** Milliseconds since 1970. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  newId(): string;
  after(ms: number, task: () => void): () => void;
  /** Undefined where the browser keeps nothing (blocked, private). */
  storage: KeyValues | undefined;
  isVisible(): boolean;
  /** `away`: hidden or left, which may be the last that is heard; `back`; `online`. */
  on(event: "away" | "leave" | "back" | "online", task: () => void): () => void;
  IntersectionObserver: typeof IntersectionObserver | undefined;
  viewportHeight(): number;
}

/** The page this script runs in. */
export function pageSurroundings(): Surroundings {
  const listen = (target: EventTarget, name: string, task: () => void) => {
    target.addEventListener(name, task);
    return () => target.removeEventListener(name, task);
  };
  return {
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    random: () => Math.random(),
    newId,
    after(ms, task) {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
    storage: usableStorage(),
    isVisible: () => document.visibilityState === "visible",
    on(event, task) {
      if (event === "online") return listen(window, "online", task);
      if (event === "leave") return listen(window, "pagehide", task);
      const wanted = event === "back" ? "visible" : "hidden";
      return listen(document, "visibilitychange", () => {
        if (document.visibilityState === wanted) task();
      });
    },
    IntersectionObserver: globalThis.IntersectionObserver,
    viewportHeight: () => window.innerHeight,
  };
}

/** 128 random bits; `randomUUID` is there in secure contexts only. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function usableStorage(): KeyValues | undefined {
  try {
    const probe = "signalpath:probe";
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return localStorage;
  } catch {
    // Blocked by the person or their browser: everything is kept in this page alone.
    return undefined;
  }
}

/** Keeps values for as long as the page lives. */
export function memoryStorage(): KeyValues {
  const values = new Map<string, string>();
  return {
    get length() {
      return values.size;
    },
    key: (index) => [...values.keys()][index] ?? null,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}
