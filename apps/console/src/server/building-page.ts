/** What the console alone shows while its files are being built. */
export const BUILDING_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Signalpath</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark; }</style>
</head>
<body>
<h1>Signalpath</h1>
<p>The console is being built; this page asks again by itself. If it stays, the log says why.</p>
</body>
</html>
`;
