import { ApiError } from "../api/api-error.ts";
import { strings } from "../strings.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";

/** A call that failed: what the server said, the code to look up and the request id to report. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const words = strings.failedWhat;
  return (
    <Notice tone="bad" title={strings.failed} isAlert>
      <div className="stack">
        <p>{error instanceof Error ? error.message : String(error)}</p>
        {error instanceof ApiError && (
          <dl className="facts">
            <dt>{words.code}</dt>
            <dd>
              <code>{error.code}</code>
            </dd>
            {error.requestId !== undefined && (
              <>
                <dt>{words.request}</dt>
                <dd>
                  <code>{error.requestId}</code>
                </dd>
              </>
            )}
          </dl>
        )}
        {onRetry !== undefined && (
          <div>
            <Button onPress={onRetry}>{strings.retry}</Button>
          </div>
        )}
      </div>
    </Notice>
  );
}
