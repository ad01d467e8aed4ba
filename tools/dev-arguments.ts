/** Arguments of turbo for `pnpm dev`: `--filter=recommender` means the package of that name here. */
export function devArguments(given: readonly string[]): string[] {
  const named = given.map((argument, i) => {
    if (given[i - 1] === "--filter" || given[i - 1] === "-F") return scoped(argument);
    const match = /^(--filter=|-F=)(.*)$/.exec(argument);
    return match === null ? argument : `${match[1]}${scoped(match[2] ?? "")}`;
  });
  return ["run", "dev", ...named];
}

/** A bare name gets the scope; paths, patterns and scoped names stay as they are. */
function scoped(filter: string): string {
  return /^[a-z][a-z-]*$/.test(filter) ? `@signalpath/${filter}` : filter;
}
