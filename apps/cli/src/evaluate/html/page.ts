/** Text as it may stand in a page, also inside an attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A number of a table: four digits, or fewer where it is large. */
export function digits(value: number | undefined): string {
  if (value === undefined) return "-";
  return Math.abs(value) >= 10 ? value.toFixed(2) : value.toFixed(4);
}

/** Light and dark by what the reader's system says; nothing is loaded from anywhere. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --quiet: #5b6570; --line: #d5dae0; --page: #ffffff;
  --panel: #f6f7f9; --mark: #0b62b8; --zero: #8a939c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --quiet: #a3acb5; --line: #3a424b;
  --page: #14171a; --panel: #1d2125; --mark: #6cb2f5; --zero: #7d8790; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  margin: 0 auto; padding: 1.5rem; max-width: 60rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .4rem; }
p, figcaption { color: var(--quiet); margin: .3rem 0 .8rem; }
figcaption { margin: .3rem 0 0; }
figure { margin: 0; padding: 1rem; overflow-x: auto; background: var(--panel); border-radius: .5rem; }
svg { display: block; width: 100%; min-width: 32rem; height: auto; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
svg .tick { fill: var(--quiet); font-size: 12px; }
svg .grid { stroke: var(--line); } svg .zero { stroke: var(--zero); stroke-dasharray: 4 3; }
svg .range { stroke: var(--mark); stroke-width: 3; stroke-linecap: round; }
svg .point { fill: var(--mark); stroke: var(--panel); stroke-width: 2; }
.scroll { overflow-x: auto; margin-top: .8rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { text-align: right; padding: .3rem .7rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; padding-left: 0; } thead th { color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
dt { color: var(--quiet); } dd { margin: 0; }
code { font-size: .85rem; overflow-wrap: anywhere; }
`;

/** A whole page; `body` is markup. */
export function page(title: string, body: readonly string[]): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    '<head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head>`,
    `<body><main><h1>${escaped(title)}</h1>`,
    ...body,
    "</main></body></html>",
    "",
  ].join("\n");
}

/** Facts as a list of names and values. */
export function facts(pairs: readonly (readonly [string, string | number])[]): string {
  const rows = pairs.map(
    ([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(String(value))}</dd>`,
  );
  return `<dl>${rows.join("")}</dl>`;
}

/** A table whose first column names its rows. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const columns = head.map((name) => `<th scope="col">${escaped(name)}</th>`).join("");
  const body = rows.map(([name = "", ...cells]) => {
    const values = cells.map((cell) => `<td>${escaped(cell)}</td>`).join("");
    return `<tr><th scope="row">${escaped(name)}</th>${values}</tr>`;
  });
  const label = escaped(caption);
  return (
    `<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table>` +
    `<thead><tr>${columns}</tr></thead><tbody>${body.join("")}</tbody></table></div>`
  );
}
