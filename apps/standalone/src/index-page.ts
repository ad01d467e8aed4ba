/**
 * Stands at `/` while the console is being built, or where it cannot be: what is here and where to go.
 * @param shownVisitor one of the demo's visitors; undefined = there is no demo.
 */
export function indexPage(shownVisitor: string | undefined): string {
  const demo =
    shownVisitor !== undefined
      ? `<p>The demo is on: a sample catalogue and simulated visitors. Their lists move while you look.</p>`
      : `<p>The demo is off: the project is empty until you write a catalogue and send events.</p>`;
  const user = shownVisitor ?? "u1";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Signalpath</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #1d2733; background: #fff; }
code { background: #eef2f6; padding: .1em .3em; border-radius: 3px; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid #d5dde5; padding: .4rem .6rem .4rem 0; vertical-align: top; }
a { color: #0b5cad; }
@media (prefers-color-scheme: dark) { body { color: #dfe7ef; background: #14191f; } code { background: #242d36; } td { border-color: #36424e; } a { color: #7db8f5; } }
</style>
</head>
<body>
<h1>Signalpath</h1>
<p>User events in, explained recommendations out. Every API of the system answers on this port.</p>
${demo}
<p>The console is being built and opens here by itself; if it does not, the log says why.</p>
<table>
${shownVisitor !== undefined ? `<tr><td><a href="/demo">/demo</a></td><td>a reading room: like, open, dismiss, and watch the list follow</td></tr>` : ""}
<tr><td><a href="/docs">/docs</a></td><td>every call, to read and to try (<a href="/openapi.json">OpenAPI 3.1</a>)</td></tr>
<tr><td><code>POST /api/ingest</code></td><td>events, as RudderStack's webhook sends them; key in <code>X-Write-Key</code></td></tr>
<tr><td><code>GET /api/recommend?user_id=${user}</code></td><td>a ranked list with reasons; key in <code>X-API-Key</code></td></tr>
<tr><td><code>GET /api/usermodel/explain?user_id=${user}</code></td><td>what is believed about a person, and why</td></tr>
<tr><td><code>POST /inference/predict/project/1</code></td><td>a list from a trained model, by deployment slot; key in <code>X-API-Key</code></td></tr>
<tr><td><code>PUT /api/content</code></td><td>the catalogue</td></tr>
<tr><td><a href="/readyz">/readyz</a>, <a href="/livez">/livez</a>, <a href="/metrics">/metrics</a></td><td>health and figures</td></tr>
</table>
<p>Keys are in <code>credentials.json</code> in the data directory.</p>
</body>
</html>
`;
}
