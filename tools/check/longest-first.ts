import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Minutes first, then what starts processes or browsers; everything else is a matter of seconds. */
const LONG = [
  /\/(?:simulation|pglite|fuzz|infra)\.test\.ts|\/(?:faults|kill|equal-stacks)\.e2e\.test\.ts/,
  /\.(?:e2e|browser)\.test\.ts/,
];

/** 0 begins first. */
function turnOf({ moduleId }: TestSpecification): number {
  const found = LONG.findIndex((pattern) => pattern.test(moduleId));
  return found === -1 ? LONG.length : found;
}

/**
 * Long files first: one that is begun last is waited for alone, with every other worker idle. The
 * default goes by the size of files, which says nothing of these.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => turnOf(a) - turnOf(b));
  }
}
