import type { LiveGap, LiveSecond, VerdictFact } from "@signalpath/contracts";
import { useEffect, useRef, useState } from "react";

import { ApiError } from "../../api/api-error.ts";
import { readStream } from "../../api/read-stream.ts";
import { useSession } from "../../api/use-api.ts";
import { EMPTY, KEPT, withArrived, type LiveState } from "./live-state.ts";

/** The page is drawn this often, however much arrives, milliseconds. */
const DRAW_MS = 250;
/** Wait before another try, milliseconds. */
const RETRY_MS = 2_000;

export interface Live {
  state: LiveState;
  connection: "connecting" | "open" | "lost";
  error: unknown;
}

/** Follows the live stream for as long as the page is open; connects again behind a loss. */
export function useLive(): Live {
  const { apiKey } = useSession();
  const [state, setState] = useState(EMPTY);
  const [connection, setConnection] = useState<Live["connection"]>("connecting");
  const [error, setError] = useState<unknown>();
  const arrived = useRef(nothing());
  useEffect(() => {
    const stop = new AbortController();
    let lastId: string | undefined;
    const draw = setInterval(() => {
      const batch = arrived.current;
      arrived.current = nothing();
      if (batch.seconds.length + batch.verdicts.length + batch.gaps.length === 0) return;
      setState((before) => withArrived(before, batch));
    }, DRAW_MS);
    const follow = async () => {
      while (!stop.signal.aborted) {
        try {
          await readStream("/api/live", {
            apiKey,
            signal: stop.signal,
            ...(lastId === undefined ? {} : { lastId }),
            onOpen: () => {
              setConnection("open");
              setError(undefined);
            },
            onEvent: ({ name, data }, id) => {
              lastId = id ?? lastId;
              take(arrived.current, name, data);
            },
          });
          setConnection("connecting");
        } catch (thrown) {
          if (stop.signal.aborted) return;
          setConnection("lost");
          setError(thrown);
          // A key that may not, or a server without the stream: asking again changes nothing.
          if (thrown instanceof ApiError && [401, 403, 404].includes(thrown.status)) return;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    };
    void follow();
    return () => {
      stop.abort();
      clearInterval(draw);
    };
  }, [apiKey]);
  return { state, connection, error };
}

interface Batch {
  verdicts: VerdictFact[];
  seconds: LiveSecond[];
  gaps: LiveGap[];
}

function nothing(): Batch {
  return { verdicts: [], seconds: [], gaps: [] };
}

function take(batch: Batch, name: string, data: unknown): void {
  if (name === "verdict") {
    batch.verdicts.push(data as VerdictFact);
    // A tab in the background draws seldom: what nobody will see is not kept.
    if (batch.verdicts.length > 2 * KEPT) batch.verdicts.splice(0, KEPT);
  } else if (name === "second") batch.seconds.push(data as LiveSecond);
  else if (name === "gap") batch.gaps.push(data as LiveGap);
}
