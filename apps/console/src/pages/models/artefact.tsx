import { Card } from "../../ui/card.tsx";
import { formatCount } from "../../ui/format.ts";
import { Time } from "../../ui/time.tsx";
import type { Version } from "./metrics.ts";
import { useArtefact } from "./queries.ts";
import { words } from "./strings.ts";

/** Facts of the file that serves, or of the newest one where none does. */
export function Artefact({ versions }: { versions: readonly Version[] }) {
  const shown = versions.find((version) => version.serving) ?? versions[0];
  return shown === undefined ? null : <Facts shown={shown} />;
}

function Facts({ shown }: { shown: Version }) {
  const { data } = useArtefact(shown.trained_model, shown.version);
  const { facts } = words.detail;
  const { signature, error } = data ?? {};
  const signed =
    error != null
      ? facts.refused(error.code, error.message)
      : signature == null
        ? "–"
        : facts.signed(signature.algorithm, signature.key_id);
  const held = (data?.loaded ?? []).map((one) => facts.held(one.version, one.instance));
  const where = held.length > 0 ? held.join(", ") : facts.nowhere(data?.gateways ?? 0);
  const rows: [string, React.ReactNode][] = [
    [facts.file, <code key="file">{shown.file}</code>],
    [facts.sha256, <code key="sha256">{shown.sha256}</code>],
    [facts.signature, signed],
    [facts.verified, data === undefined ? "–" : <Time key="verified" value={data.verified_at} />],
    [facts.bytes, `${formatCount(shown.bytes)} bytes`],
    [facts.gateways, where],
    [facts.space, data?.header?.embedding_space ?? "–"],
    [facts.parent, data?.header?.parent ?? "–"],
    [facts.rows, formatCount(shown.data_rows)],
    [facts.digest, <code key="digest">{shown.data_digest}</code>],
    [facts.from, shown.data_from === null ? "–" : <Time key="from" value={shown.data_from} />],
    [facts.to, shown.data_to === null ? "–" : <Time key="to" value={shown.data_to} />],
    [facts.parameters, <code key="parameters">{JSON.stringify(shown.parameters)}</code>],
    [facts.code, shown.git_version ?? "–"],
    [facts.run, shown.training_run ?? "–"],
  ];
  return (
    <Card title={`${words.detail.artefact}, ${words.models.version(shown.version)}`}>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
