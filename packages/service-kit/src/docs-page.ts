import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FILES: Record<string, string> = {
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "swagger-ui.css": "text/css; charset=utf-8",
};

/** The page at `/docs`: Swagger UI over `/openapi.json`, no file from elsewhere. */
export function docsHtml(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#ui", deepLinking: true, persistAuthorization: false });
</script>
</body>
</html>
`;
}

/** One of the page's two files; undefined when it has no such file. */
export async function docsFile(
  name: string,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; type: string } | undefined> {
  const type = FILES[name];
  if (type === undefined) return undefined;
  return { bytes: new Uint8Array(await readFile(join(folder(), name))), type };
}

/** A bundled app carries the files beside its bundle in `docs/`; in the workspace they are a package. */
function folder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  if (!import.meta.url.endsWith("docs-page.ts")) return join(here, "docs");
  return dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
}
