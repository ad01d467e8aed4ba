import { Card } from "../../ui/card.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Time } from "../../ui/time.tsx";
import { useHistory } from "./queries.ts";
import { words } from "./strings.ts";

const text = words.detail.history;

/** What served since when, newest first. */
export function History({ id }: { id: number }) {
  const history = useHistory(id);
  return (
    <Card title={text.title} about={text.about}>
      <Loaded query={history}>
        {({ results }) =>
          results.length === 0 ? (
            <p className="muted">{text.none}</p>
          ) : (
            <ol className="stack">
              {results.map((one) => (
                <li key={one.id}>
                  <Time value={one.changed_at} />: {text.change(one.from_version, one.to_version)},{" "}
                  {text.causes[one.cause]}
                  {one.training_run !== null && ` ${one.training_run}`}
                  {one.key_id !== null && text.key(one.key_id)}
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Card>
  );
}
