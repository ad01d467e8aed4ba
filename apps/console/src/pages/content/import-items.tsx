import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FileTrigger, Label, ProgressBar } from "react-aria-components";

import { dataOf } from "../../api/client.ts";
import type { Schema } from "../../api/types.ts";
import { useApi } from "../../api/use-api.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { formatCount } from "../../ui/format.ts";
import { Notice } from "../../ui/notice.tsx";
import { CHUNK, readItems } from "./read-items.ts";
import { words } from "./strings.ts";

interface Progress {
  done: number;
  all: number;
}

/** Writes the items of a file into the catalogue, a few hundred a request. */
export function ImportItems() {
  const api = useApi();
  const queries = useQueryClient();
  const [progress, setProgress] = useState<Progress>();
  const load = useMutation({
    mutationFn: async (file: File) => {
      const items = readItems(await file.text());
      const sum = { upserted: 0, unchanged: 0 };
      for (let done = 0; done < items.length; done += CHUNK) {
        setProgress({ done, all: items.length });
        // Shapes are checked by the server, whose refusal names item and field.
        const body = { items: items.slice(done, done + CHUNK) as Schema<"ContentItem">[] };
        const { upserted, unchanged } = await dataOf(api.PUT("/api/content", { body }));
        sum.upserted += upserted;
        sum.unchanged += unchanged;
      }
      setProgress({ done: items.length, all: items.length });
      return sum;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["content"] }),
  });
  const choose = (files: FileList | null) => {
    const file = files?.[0];
    setProgress(undefined);
    if (file !== undefined) load.mutate(file);
  };
  return (
    <Card title={words.import} about={words.importAbout}>
      <div>
        <FileTrigger acceptedFileTypes={[".json", ".jsonl", ".ndjson"]} onSelect={choose}>
          <Button isDisabled={load.isPending}>{words.choose}</Button>
        </FileTrigger>
      </div>
      {progress !== undefined && (
        <ProgressBar value={progress.done} maxValue={progress.all} className="stack">
          {({ percentage = 0 }) => (
            <>
              <Label>
                {words.importing(formatCount(progress.done), formatCount(progress.all))}
              </Label>
              <div className="bar">
                <span style={{ width: `${percentage}%`, background: "var(--accent)" }} />
              </div>
            </>
          )}
        </ProgressBar>
      )}
      {load.error !== null && <ErrorState error={load.error} />}
      {load.data !== undefined && (
        <Notice tone="good">
          {words.imported(formatCount(load.data.upserted), formatCount(load.data.unchanged))}
        </Notice>
      )}
    </Card>
  );
}
