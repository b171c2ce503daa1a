import type { Visit } from "./visit";

/**
 * What somebody comes to the page for. It begins with a page of its own and may be tried twice: it asks nothing of what an
 * earlier attempt left behind.
 */
export interface Journey {
  readonly name: string;
  readonly run: (visit: Visit) => Promise<void>;
}
