import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { startStandalone, type StandaloneProcess } from "@signalpath/stack/standalone-process.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}
interface Dashboard {
  uid: string;
  title: string;
  panels: { id: number; title: string; targets: { expr: string; legendFormat: string }[] }[];
}

const { groups } = parse(read("infra/prometheus/alerts.yaml")) as {
  groups: { name: string; rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const dashboards = readdirSync(join(root, "infra/grafana")).map(
  (name) => JSON.parse(read(`infra/grafana/${name}`)) as Dashboard,
);
const expressions = [
  ...rules.map(({ alert, expr }) => ({ where: alert, expr })),
  ...dashboards.flatMap(({ title, panels }) =>
    panels.flatMap((panel) =>
      panel.targets.map(({ expr }) => ({ where: `${title} / ${panel.title}`, expr })),
    ),
  ),
];

const WORDS = new Set("and or unless by without on ignoring group_left offset".split(" "));
/** What Prometheus adds itself. */
const OWN_METRICS = new Set(["up"]);
const OWN_LABELS = new Set(["app", "instance", "job", "le"]);

/** Metric names of an expression: what is neither function, word, label nor duration. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, "")
    .replaceAll(/\{[^}]*\}/g, "")
    .replaceAll(/\[[^\]]*\]/g, "")
    .replaceAll(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, "");
  const names = [...bare.matchAll(/[a-z_:][\w:]*(?!\w)(?!\s*\()/gi)].map(([name]) => name);
  return names.filter((name) => !WORDS.has(name));
}

/** Labels that an expression matches or groups by. */
function labelsIn(expr: string): string[] {
  const matched = [...expr.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, name]) => name ?? "");
  const grouped = [...expr.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) =>
    list.split(",").map((name) => name.trim()),
  );
  return [...matched, ...grouped].filter((name) => !OWN_LABELS.has(name));
}

let standalone: StandaloneProcess;
/** Metric -> labels of its series; none while it has no series yet. */
const exported = new Map<string, Set<string>>();
beforeAll(async () => {
  standalone = await startStandalone({ demo: true });
  const ask = (path: string, key: string) =>
    fetch(`${standalone.url}${path}`, { headers: { "x-api-key": key } });
  await ask("/api/recommend?user_id=nobody", "rctm_wrong");
  await ask("/api/recommend?user_id=nobody", standalone.keys.api);
  const text = await (await ask("/metrics", "")).text();
  const labels = new Map<string, Set<string>>();
  for (const [, name = "", list = ""] of text.matchAll(/^([a-z_]\w*)\{([^}]*)\} /gm)) {
    const known = labels.get(name) ?? new Set();
    for (const [, label = ""] of list.matchAll(/(\w+)="/g)) known.add(label);
    labels.set(name, known);
  }
  for (const [, name = "", type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const parts = type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    for (const part of parts) exported.set(name + part, labels.get(name + part) ?? new Set());
  }
}, 120_000);
afterAll(() => standalone.stop());

describe("infra/prometheus and infra/grafana", () => {
  it("read expressions as Prometheus does", () => {
    const expr = 'max by (a, b) (rate(x_total{c="d"}[5m])) > 14.4 * y:z and up == 0';
    expect(metricsIn(expr)).toEqual(["x_total", "y:z", "up"]);
    expect(labelsIn(expr)).toEqual(["c", "a", "b"]);
  });

  it("name no metric that a running system does not export", () => {
    expect(expressions.length).toBeGreaterThan(40);
    for (const { where, expr } of expressions) {
      const names = metricsIn(expr).filter((name) => !OWN_METRICS.has(name));
      expect([where, names.filter((name) => !exported.has(name))]).toEqual([where, []]);
      expect([where, metricsIn(expr).length > 0]).toEqual([where, true]);
    }
  });

  it("name no label that the metric does not have", () => {
    let checked = 0;
    for (const { where, expr } of expressions) {
      const known = metricsIn(expr).map((name) => exported.get(name) ?? new Set<string>());
      if (known.some((labels) => labels.size === 0)) continue;
      const all = new Set(known.flatMap((labels) => [...labels]));
      expect([where, labelsIn(expr).filter((label) => !all.has(label))]).toEqual([where, []]);
      checked++;
    }
    expect(checked).toBeGreaterThan(20);
  });

  it("have alerts that wait, say how bad it is, and where to read on", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const rule of rules) {
      expect(rule.alert).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(rule.for, rule.alert).toMatch(/^\d+[smh]$/);
      expect(["page", "ticket"], rule.alert).toContain(rule.labels["severity"]);
      expect(rule.annotations["summary"], rule.alert).toBeTruthy();
      expect(existsSync(join(root, rule.annotations["runbook"] ?? "")), rule.alert).toBe(true);
    }
    const names = groups.map(({ name }) => name);
    expect(names).toEqual(["freshness", "dead-letters", "dependencies", "serving"]);
  });

  it("have dashboards whose panels are told apart", () => {
    expect(dashboards.map(({ uid }) => uid).toSorted()).toEqual([
      "signalpath-dependencies",
      "signalpath-experiments",
      "signalpath-features",
      "signalpath-flow",
      "signalpath-serving",
    ]);
    for (const { panels } of dashboards) {
      for (const pick of ["id", "title"] as const) {
        expect(new Set(panels.map((panel) => panel[pick])).size).toBe(panels.length);
      }
    }
  });

  it("scrape every service of infra/compose.yaml that is an app, at its port", () => {
    const scraped = parse(read("infra/prometheus/prometheus.yaml")) as {
      rule_files: string[];
      scrape_configs: { static_configs: { targets: string[]; labels: { app: string } }[] }[];
    };
    for (const file of scraped.rule_files) {
      expect(existsSync(join(root, "infra/prometheus", file))).toBe(true);
    }
    const targets = scraped.scrape_configs
      .flatMap((job) => job.static_configs)
      .map(({ targets: [target], labels }) => `${labels.app} ${target}`);
    const compose = parse(read("infra/compose.yaml"), { merge: true }) as {
      services: Record<string, { build?: unknown; environment?: { PORT?: number | string } }>;
    };
    const apps = Object.entries(compose.services).flatMap(([name, { build, environment }]) =>
      build === undefined || environment?.PORT === undefined
        ? []
        : [`${name} ${name}:${environment.PORT}`],
    );
    expect(targets.toSorted()).toEqual(apps.toSorted());
    expect(apps.length).toBeGreaterThan(3);
  });
});
