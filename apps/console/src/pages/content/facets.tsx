import { useQuery } from "@tanstack/react-query";

import { dataOf } from "../../api/client.ts";
import { useApi } from "../../api/use-api.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { words } from "./strings.ts";

export interface Tag {
  facet: string;
  label: string;
}

interface FacetsProps {
  tag: Tag | undefined;
  onPick: (tag: Tag | undefined) => void;
}

/** Labels shown a facet. */
const SHOWN = 8;

/** Tags of the whole catalogue by facet; picking one asks the catalogue for it. */
export function Facets({ tag, onPick }: FacetsProps) {
  const api = useApi();
  const counted = useQuery({
    queryKey: ["content", "facets"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/facets", { signal })),
  });
  const isPicked = (one: Tag) => one.facet === tag?.facet && one.label === tag.label;
  return (
    <Card
      title={words.facets}
      actions={
        tag !== undefined && (
          <Button isSmall onPress={() => onPick(undefined)}>
            {words.anyTag}
          </Button>
        )
      }
    >
      <Loaded query={counted} height={200}>
        {({ facets }) =>
          facets.map(({ facet, labels }) => (
            <div key={facet} className="stack">
              <h3>{facet}</h3>
              <div className="row">
                {labels.slice(0, SHOWN).map(({ label, items }) => (
                  <Button
                    key={label}
                    isSmall
                    kind={isPicked({ facet, label }) ? "primary" : "plain"}
                    aria-pressed={isPicked({ facet, label })}
                    onPress={() => onPick({ facet, label })}
                  >
                    {label} {formatCount(items)}
                  </Button>
                ))}
              </div>
            </div>
          ))
        }
      </Loaded>
    </Card>
  );
}
