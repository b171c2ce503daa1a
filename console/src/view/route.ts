/** What the address of the page says: which page, and which market. Nothing else is read from it, no address and no amount. */

export const PAGES = ["trade", "pro", "earn", "portfolio", "system"] as const;
export type Page = (typeof PAGES)[number];

export interface Route {
  readonly page: Page;
  /** An asset's symbol. */
  readonly market: string | undefined;
}

export function readRoute(hash: string): Route {
  const [, name = "", market] = /^#\/([a-z]*)(?:\/([A-Z]{2,6}))?$/.exec(hash) ?? [];
  const page = PAGES.find((known) => known === name);
  return page === undefined ? { page: "trade", market: undefined } : { page, market };
}

export function routeText({ page, market }: Route): string {
  return market === undefined ? `#/${page}` : `#/${page}/${market}`;
}
