/** Colours of series, from the design tokens; they follow the theme. */
export const SERIES = [1, 2, 3, 4, 5, 6].map((n) => `var(--chart-${n})`);
