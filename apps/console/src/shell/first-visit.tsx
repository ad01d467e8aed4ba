/** Where the guided visit of the demo stands above every page; it is not built yet. */
export function FirstVisit() {
  return null;
}
