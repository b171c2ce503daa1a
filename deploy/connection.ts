import { ACCOUNT_VARIABLES, URL_VARIABLES } from "./environment";
import type { Settings } from "./environment";
import { delegateOf } from "./preflight/contracts";

const TIMEOUT_MS = 5_000;

/** What a node was asked and would not answer. The URL is never told: it may carry a key. */
export class ConnectionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConnectionError";
  }
}

/** One question to a node, answered within seconds or not at all. */
export async function askNode(url: string, method: string, params: unknown[] = []): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const headers = { "content-type": "application/json" };
  let response: Response;
  try {
    response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "no connection";
    throw new ConnectionError(isLate ? `no answer within ${TIMEOUT_MS / 1_000} s` : `not reachable: ${cause}`);
  }
  if (!response.ok) throw new ConnectionError(`answers with status ${response.status}`);
  const answer = (await response.json().catch(() => undefined)) as
    { result?: unknown; error?: { message?: string } } | undefined;
  if (answer?.error !== undefined) throw new ConnectionError(`answers "${answer.error.message ?? "an error"}"`);
  if (answer?.result === undefined) throw new ConnectionError("does not answer as a node does");
  return answer.result;
}

/** What the chain says against the settings, before anything is compiled. */
export async function connectionProblems(settings: Settings): Promise<string[]> {
  const { profile, url, accounts, deployer } = settings;
  const variable = `${URL_VARIABLES[profile.key]} (${new URL(url).host})`;
  try {
    const chainId = Number(await askNode(url, "eth_chainId"));
    if (chainId !== profile.chainId) {
      return [`${variable} is chain ${chainId}, ${profile.chainId} (${profile.name}) is expected`];
    }
    const named = Object.entries(ACCOUNT_VARIABLES).map(
      ([role, name]) => [name, accounts[role as keyof typeof accounts]] as const,
    );
    const problems = await Promise.all(
      [...named, ["the deployer", deployer] as const].map(([name, account]) =>
        accountProblem(url, name, account, deployer),
      ),
    );
    return problems.filter((problem) => problem !== undefined);
  } catch (error) {
    if (error instanceof ConnectionError) return [`${variable}: ${error.message}`];
    throw error;
  }
}

async function accountProblem(
  url: string,
  name: string,
  account: string,
  deployer: string,
): Promise<string | undefined> {
  const code = String(await askNode(url, "eth_getCode", [account, "latest"]));
  const delegate = delegateOf(code);
  if (delegate !== undefined) {
    return `${name} is ${account}, an account that is delegated to ${delegate}: a plain account or a contract is expected`;
  }
  return account === deployer && code !== "0x"
    ? `${name} is ${account}, a contract: it can't send transactions`
    : undefined;
}
