/** What the page is served with. */
import type { ChainKey } from "@asterism/sdk";

export interface Burner {
  readonly name: string;
  readonly privateKey: string;
}

export interface ConsoleConfig {
  readonly chain: ChainKey;
  readonly deployment?: unknown;
  /** Between two looks at the chain. */
  readonly pollMs: number;
  /** Of a replica alone. */
  readonly practice?: {
    /** Accounts whose keys everybody knows. */
    readonly burners: readonly Burner[];
    /** The node itself, for a wallet's settings. */
    readonly rpc: string;
  };
}

export async function readConfig(): Promise<ConsoleConfig> {
  const answer = await fetch("/config.json");
  if (!answer.ok) throw new Error(`the console's settings can't be read (${answer.status})`);
  return (await answer.json()) as ConsoleConfig;
}

export interface PracticeState {
  readonly path: string;
  readonly second: number;
  readonly seconds: number;
  readonly speed: number;
  readonly isPaused: boolean;
  readonly history: readonly (readonly [number, string])[];
}

export async function practice(command?: Readonly<Record<string, unknown>>): Promise<PracticeState> {
  const headers = { "content-type": "application/json" };
  const asked = command === undefined ? {} : { method: "POST", headers, body: JSON.stringify(command) };
  const answer = await fetch("/practice", asked);
  if (!answer.ok) throw new Error(((await answer.json()) as { error: string }).error);
  return (await answer.json()) as PracticeState;
}
