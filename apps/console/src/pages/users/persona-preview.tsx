import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { dataOf } from "../../api/client.ts";
import { useApi } from "../../api/use-api.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { linesOf, readPersona } from "./persona.ts";
import { RecommendedList } from "./recommended-list.tsx";
import { words } from "./strings.ts";

/** Ranks for a persona that is written down here. */
export function PersonaPreview() {
  const api = useApi();
  const [tags, setTags] = useState("solar: 1\nenergy: 0.6");
  const [items, setItems] = useState("");
  const persona = readPersona(tags);
  const preview = useMutation({
    mutationFn: (tag_affinity: Record<string, number>) => {
      const body = { tag_affinity, like_items: linesOf(items), demographics: {}, limit: 10 };
      return dataOf(api.POST("/api/recommend/preview", { body }));
    },
  });
  const ask = () => {
    if (persona.problem === undefined) preview.mutate(persona.tags);
  };
  return (
    <Card title={words.preview} about={words.previewAbout}>
      <div className="columns columns-2">
        <div className="stack">
          <TextInput
            label={words.previewTags}
            value={tags}
            onChange={setTags}
            rows={5}
            {...(persona.problem === undefined ? {} : { error: words.previewBad(persona.problem) })}
          />
          <TextInput label={words.previewItems} value={items} onChange={setItems} rows={3} />
          <div>
            <Button isDisabled={persona.problem !== undefined || preview.isPending} onPress={ask}>
              {words.previewAsk}
            </Button>
          </div>
        </div>
        <div>
          {preview.error !== null && <ErrorState error={preview.error} />}
          {preview.data !== undefined && <RecommendedList items={preview.data.items} />}
        </div>
      </div>
    </Card>
  );
}
