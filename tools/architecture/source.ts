import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

export interface SourceFile {
  /** Path from the root, with forward slashes. */
  path: string;
  text: string;
  /** Without comments; line numbers kept. */
  code: string;
  imports: string[];
  isTest: boolean;
}

const SKIPPED = new Set(["node_modules", "dist", "fixtures", ".turbo", "migrations", "coverage"]);

/** All TypeScript files below `apps` and `packages` of a tree. */
export function readSources(root: string): SourceFile[] {
  const files: SourceFile[] = [];
  for (const top of ["apps", "packages"]) walk(join(root, top), root, files);
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function walk(folder: string, root: string, into: SourceFile[]): void {
  for (const entry of listing(folder)) {
    if (SKIPPED.has(entry.name)) continue;
    const full = join(folder, entry.name);
    if (entry.isDirectory()) walk(full, root, into);
    else if (/\.tsx?$/.test(entry.name)) into.push(readSource(full, root));
  }
}

function listing(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readSource(full: string, root: string): SourceFile {
  const path = relative(root, full).split(sep).join("/");
  const text = readFileSync(full, "utf8");
  const code = withoutComments(text);
  return {
    path,
    text,
    code,
    imports: importsOf(code),
    isTest: /\.test\.ts$|\/contract\.ts$|\/contract-|\/testing\/|\/test-/.test(path),
  };
}

/** Blanks comments, leaves strings alone, keeps line ends. */
export function withoutComments(text: string): string {
  return text.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (match: string, literal: string | undefined) => literal ?? match.replace(/[^\n]/g, " "),
  );
}

function importsOf(code: string): string[] {
  const pattern =
    /\b(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']|\bimport\s*["']([^"']+)["']/g;
  return [...code.matchAll(pattern)].map((match) => (match[1] ?? match[2] ?? match[3]) as string);
}
