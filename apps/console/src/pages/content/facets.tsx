import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount } from "../../ui/format.ts";
import { facetsOf } from "./read-items.ts";
import { words } from "./strings.ts";

export interface Tag {
  facet: string;
  label: string;
}

interface FacetsProps {
  items: Parameters<typeof facetsOf>[0];
  tag: Tag | undefined;
  onPick: (tag: Tag | undefined) => void;
}

/** Labels shown a facet. */
const SHOWN = 8;

/** Tags of the loaded items by facet; picking one asks the catalogue for it. */
export function Facets({ items, tag, onPick }: FacetsProps) {
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
      {facetsOf(items).map(({ facet, labels }) => (
        <div key={facet} className="stack">
          <h3>{facet}</h3>
          <div className="row">
            {labels.slice(0, SHOWN).map(([label, count]) => (
              <Button
                key={label}
                isSmall
                kind={isPicked({ facet, label }) ? "primary" : "plain"}
                aria-pressed={isPicked({ facet, label })}
                onPress={() => onPick({ facet, label })}
              >
                {label} {formatCount(count)}
              </Button>
            ))}
          </div>
        </div>
      ))}
    </Card>
  );
}
