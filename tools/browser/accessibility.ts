import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import type { AxeResults, ImpactValue } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const SOURCE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const REFUSED: ReadonlySet<ImpactValue | undefined> = new Set(["serious", "critical"]);

/** One broken rule of accessibility, as a person reads it in a failing test. */
interface Finding {
  rule: string;
  impact: string;
  help: string;
  elements: string[];
}

/**
 * Fails when axe finds anything serious or critical on the page as it stands (WCAG 2.2 A and AA,
 * best practices): contrast, names of controls, structure.
 * @param exclude selectors of what is not judged; each deserves a reason where it is given.
 */
export async function expectAccessible(page: Page, exclude: readonly string[] = []): Promise<void> {
  const findings = await findingsOf(page, exclude);
  expect(findings, `accessibility of ${page.url()}`).toEqual([]);
}

async function findingsOf(page: Page, exclude: readonly string[]): Promise<Finding[]> {
  await page.evaluate(await readFile(SOURCE, "utf8"));
  const results = await page.evaluate(async (excluded) => {
    const { axe } = globalThis as unknown as {
      axe: { run(context: unknown, options: unknown): Promise<AxeResults> };
    };
    return axe.run(
      { exclude: excluded.map((selector) => [selector]) },
      { resultTypes: ["violations"] },
    );
  }, exclude);
  return results.violations
    .filter(({ impact }) => REFUSED.has(impact ?? undefined))
    .map(({ id, impact, help, nodes }) => ({
      rule: id,
      impact: String(impact),
      help,
      elements: nodes.map((node) => `${node.target.join(" ")}: ${node.html.slice(0, 200)}`),
    }));
}
