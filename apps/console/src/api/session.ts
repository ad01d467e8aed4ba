const STORED = "signalpath.api-key";

/** The API key of this tab: in session storage, gone with the tab, never in a URL. */
export function storedKey(): string | undefined {
  return sessionStorage.getItem(STORED) ?? undefined;
}

export function storeKey(key: string): void {
  sessionStorage.setItem(STORED, key);
}

export function forgetKey(): void {
  sessionStorage.removeItem(STORED);
}
