/** Apps that answer calls: behind one port of the standalone, or of the console. */
export const OWNERS = [
  "ingest-webhook",
  "recommender",
  "user-model-updater",
  "management-api",
  "inference-gateway",
  "experiments",
] as const;
export type Owner = (typeof OWNERS)[number];

interface Rule {
  prefix: string;
  /** Methods it is about; absent = all. */
  methods?: readonly string[];
  owner: Owner;
}

const ADMINISTRATION = [
  "project",
  "api_keys",
  "me",
  "training_data",
  "model_configuration",
  "trained_model",
  "training_run",
  "deployment_slot",
  "retraining_schedule",
  "system",
  "learning",
  "ranking_rule",
];

const EXPERIMENTS = ["experiments", "ab_test", "conversion_event"];

/** Who answers what; the first rule that fits decides. */
const RULES: readonly Rule[] = [
  { prefix: "/api/ingest", owner: "ingest-webhook" },
  { prefix: "/api/dead-letters", owner: "ingest-webhook" },
  { prefix: "/api/recommend", owner: "recommender" },
  { prefix: "/api/usermodel", owner: "recommender" },
  { prefix: "/api/features", owner: "recommender" },
  { prefix: "/api/facets", owner: "recommender" },
  { prefix: "/api/content", methods: ["GET", "HEAD"], owner: "recommender" },
  { prefix: "/api/content", methods: ["PUT", "DELETE"], owner: "management-api" },
  { prefix: "/api/rebuild", owner: "user-model-updater" },
  { prefix: "/api/users", owner: "management-api" },
  { prefix: "/api/live", owner: "management-api" },
  { prefix: "/inference", owner: "inference-gateway" },
  ...ADMINISTRATION.map((name): Rule => ({ prefix: `/api/v1/${name}`, owner: "management-api" })),
  ...EXPERIMENTS.map((name): Rule => ({ prefix: `/api/v1/${name}`, owner: "experiments" })),
];

/**
 * The app that answers a request; undefined = whoever asks (pages, health, and what no app answers:
 * 404, or 405 where another method is answered).
 */
export function ownerOf(method: string, pathname: string): Owner | undefined {
  const rule = RULES.find(
    ({ prefix, methods }) =>
      (pathname === prefix || pathname.startsWith(`${prefix}/`)) &&
      (methods === undefined || methods.includes(method)),
  );
  return rule?.owner;
}

/** What is no page, whoever asks for it. */
const NO_PAGES = ["api", "inference", "livez", "readyz", "metrics", "openapi.json", "docs", "demo"];

/**
 * Whether the console answers: its files, and what a browser asks for as a page outside the APIs.
 * @param accept the request's header of that name.
 */
export function isPageRequest(method: string, pathname: string, accept: string | null): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  const first = pathname.split("/")[1] ?? "";
  if (first === "" || first === "assets") return true;
  return !NO_PAGES.includes(first) && (accept ?? "").includes("text/html");
}
