import type { Credentials } from "./credentials.ts";
import type { DataDirPaths } from "./data-dir.ts";
import type { SampleImport } from "./import-sample.ts";
import { SHOWN_VISITOR } from "./simulator/visitors.ts";

/** What a person at the terminal reads once everything answers. */
export function readyText(facts: {
  credentials: Credentials;
  dataDir: string;
  paths: Pick<DataDirPaths, "credentials" | "log">;
  demo: boolean;
  /** Models are deployed in the project. */
  predicts: boolean;
  sample: SampleImport | undefined;
  seconds: number;
  /** Opens the console once; undefined = a key does. */
  signInCode?: string | undefined;
}): string {
  const { url, api_key, project_id } = facts.credentials;
  const rows: [string, string][] = [
    ["Console", `${url}/`],
    ...(facts.signInCode === undefined
      ? []
      : [["Sign-in code", `${facts.signInCode} (good once)`] as [string, string]]),
    ...(facts.demo ? [["Demo page, as a reader", `${url}/demo`] as [string, string]] : []),
    ["API reference", `${url}/docs`],
    ["Send events to", `${url}/api/ingest`],
    ["Ask for lists at", `${url}/api/recommend`],
    ["Ask models at", `${url}/inference/predict/project/${project_id}`],
    ["Health, metrics", `${url}/readyz  ${url}/metrics`],
    ["All keys, admin too", facts.paths.credentials],
    ["Log", facts.paths.log],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join("\n");
  const ask = `curl -s -H 'X-API-Key: ${api_key}' '${url}/api/recommend?user_id=${SHOWN_VISITOR}&limit=3'`;
  return [
    `Signalpath is ready after ${facts.seconds.toFixed(1)} s.`,
    "",
    table,
    "",
    ...demoText(facts.demo, facts.sample),
    facts.demo
      ? `What ${SHOWN_VISITOR}, one of the visitors, should read next, and why:`
      : "A list (popular items, as long as nobody is known):",
    "",
    `  ${ask}`,
    "",
    ...(facts.predicts
      ? [
          "The same visitor's list from a trained model, in the slot that is theirs:",
          "",
          `  curl -s -H 'X-API-Key: ${api_key}' -d '{"user_id":"${SHOWN_VISITOR}","cutoff":3}' '${url}/inference/predict/project/${project_id}'`,
          "",
        ]
      : []),
    `Data is in ${facts.dataDir} and stays; it survives a crash of this process, not a power cut.`,
    "Ctrl-C stops.",
    "",
  ].join("\n");
}

/** Said when a code was used: the next tab needs another one. */
export function nextCodeText(code: string): string {
  return `Somebody signed in at the console. Next sign-in code: ${code}\n`;
}

function demoText(demo: boolean, sample: SampleImport | undefined): string[] {
  if (!demo)
    return ["The demo is off (SIGNALPATH_DEMO=off): no sample catalogue, no visitors.", ""];
  const lines = [
    "The demo is on: simulated visitors read, like and dismiss (SIGNALPATH_DEMO=off: none).",
  ];
  if (sample?.status === "imported")
    lines.push(`The sample catalogue of ${sample.items} items was imported.`);
  if (sample?.status === "refused")
    lines.push(`The sample catalogue was not imported: ${sample.reason}`);
  return [...lines, ""];
}
