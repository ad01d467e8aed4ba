import type { SourceFile } from "./source.ts";

export interface Violation {
  rule: string;
  path: string;
  detail: string;
}

type Rule = (file: SourceFile) => string[];

const roomOf = (path: string) => path.split("/").slice(0, 2).join("/");
const SCOPE = "@signalpath/";

/** Left of what each room may import; every room may import itself. */
const LEFT: Record<string, readonly string[]> = {
  "packages/domain": [],
  "packages/statistics": [],
  "packages/browser-sdk": [],
  "packages/contracts": ["domain"],
  "packages/linalg": [],
  "packages/ports": ["domain", "contracts", "linalg"],
  "packages/service-kit": ["domain", "contracts", "ports"],
  "packages/feature-registry": ["domain", "contracts", "ports"],
  "packages/models": ["domain", "contracts", "linalg"],
  "packages/model-loader": ["contracts", "ports"],
  "packages/embeddings": ["domain", "contracts", "ports", "linalg", "model-loader", "service-kit"],
  "packages/backends": [
    "domain",
    "contracts",
    "ports",
    "adapter-nats",
    "adapter-redis",
    "adapter-postgres",
    "adapter-qdrant",
    "adapter-embeddings",
    "adapter-files",
  ],
};
const ADAPTER_LEFT = ["domain", "contracts", "ports"];
const APP_LEFT = [
  "domain",
  "statistics",
  "contracts",
  "ports",
  "linalg",
  "embeddings",
  "models",
  "model-loader",
  "service-kit",
  "backends",
  "feature-registry",
];

function allowed(room: string, name: string): boolean {
  if (room === "apps/standalone") return !name.startsWith("adapter-");
  if (room.startsWith("apps/")) return APP_LEFT.includes(name);
  if (room.startsWith("packages/adapter-")) return ADAPTER_LEFT.includes(name);
  return LEFT[room]?.includes(name) ?? false;
}

/** Each rule answers what is wrong in one file. Tests may reach further than the product. */
export const RULES: Record<string, Rule> = {
  "import-direction": (file) => {
    if (file.isTest) return [];
    const room = roomOf(file.path);
    return file.imports
      .filter((name) => name.startsWith(SCOPE))
      .map((name) => name.slice(SCOPE.length).split("/")[0] as string)
      .filter((name) => `${room.split("/")[0]}/${name}` !== room && !allowed(room, name))
      .map((name) => `${room} must not import ${SCOPE}${name}`);
  },
  "domain-is-pure": (file) => {
    if (file.isTest || roomOf(file.path) !== "packages/domain") return [];
    const foreign = file.imports.filter((name) => !name.startsWith("."));
    const impure = file.code.match(/\bDate\.now\b|\bMath\.random\b|\bnew Date\(\s*\)|\bprocess\./g);
    return [
      ...foreign.map((name) => `imports ${name}`),
      ...(impure ?? []).map((use) => `uses ${use}`),
    ];
  },
  "stays-in-its-room": (file) =>
    file.imports
      .filter((name) => name.startsWith("."))
      .filter((name) => !file.isTest && leaves(file.path, name))
      .map((name) => `relative import leaves the room: ${name}`),
  "wire-names": (file) => (file.isTest ? [] : wireNames(file)),
  "adapters-take-clients": (file) =>
    file.path.startsWith("packages/adapter-") && /\bprocess\.env\b/.test(file.code)
      ? ["an adapter never reads the environment"]
      : [],
  "environment-in-main": (file) =>
    /\bprocess\.env\b/.test(file.code) && !file.path.endsWith("/main.ts") && !file.isTest
      ? ["process.env is read in main.ts only"]
      : [],
  "short-main": (file) =>
    /^apps\/[^/]+\/src\/main\.ts$/.test(file.path) && lines(file) > 30
      ? [`main.ts has ${lines(file)} lines, at most 30`]
      : [],
  "no-default-export": (file) =>
    /\bexport\s+default\b/.test(file.code) && !file.path.endsWith(".config.ts")
      ? ["default export"]
      : [],
  "no-barrel": (file) => {
    const isDoor = /^(?:packages|apps)\/[^/]+\/src\/(?:index|contract-suites)\.ts$/.test(file.path);
    const isHttpIndex = file.path === "packages/contracts/src/http/index.ts";
    const stars = file.code.match(/\bexport\s+\*\s+from/g);
    return stars !== null && !isDoor && !isHttpIndex ? ["re-exports whole files"] : [];
  },
  "file-length": (file) =>
    lines(file) > 300 && !file.path.endsWith(".generated.ts")
      ? [`${lines(file)} lines, at most 300`]
      : [],
};

function lines(file: SourceFile): number {
  return file.text.trimEnd().split("\n").length;
}

function leaves(path: string, specifier: string): boolean {
  const parts = path.split("/").slice(0, -1);
  for (const step of specifier.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
    if (parts.length < 2) return true;
  }
  return parts.slice(0, 2).join("/") !== roomOf(path);
}

/** Pattern of a wire name and the only modules that may spell it. */
const WIRE: { what: string; pattern: RegExp; home: RegExp }[] = [
  {
    what: "subject",
    pattern:
      /["'`](?:signals|models|keys|users|experiments|recommendations|deadletters|content\.changed)(?:\.[a-z_*>]+)+["'`]/g,
    home: /^packages\/contracts\/src\/bus\/subjects\.ts$/,
  },
  {
    what: "header name",
    pattern:
      /["'`](?:x-(?:request-id|write-key|api-key)|nats-msg-id|traceparent|retry-after)["'`]/gi,
    home: /^packages\/(?:contracts\/src\/(?:headers|openapi)|browser-sdk\/src\/wire)\.ts$/,
  },
  {
    what: "table name",
    pattern: /\b(?:pgTable|pgView)\s*\(\s*["'`]/g,
    home: /^packages\/adapter-postgres\/src\/schema\//,
  },
  {
    what: "Redis key",
    pattern: /["'`][\w:.-]+:\{\$\{[^}]+\}\}/g,
    home: /^packages\/adapter-redis\/src\/keys\.ts$/,
  },
];

function wireNames(file: SourceFile): string[] {
  return WIRE.filter((wire) => !wire.home.test(file.path)).flatMap((wire) =>
    (file.code.match(wire.pattern) ?? []).map((name) => `${wire.what} ${name} spelled here`),
  );
}

/** Every violation of a tree. */
export function checkArchitecture(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) =>
    Object.entries(RULES).flatMap(([rule, check]) =>
      check(file).map((detail) => ({ rule, path: file.path, detail })),
    ),
  );
}
