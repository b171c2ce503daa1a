/** Whether a chain's nodes tell the same: a keeper that believed a lying one would sign for its lies. */
import { NodeError, hostOf } from "./Rpc";
import type { Rpc } from "./Rpc";

export interface NodeHead {
  readonly index: number;
  readonly number: number;
}

export interface Comparison {
  /** The node to ask first: up to date, in the order of the configuration. Undefined: none answers. */
  readonly best: number | undefined;
  readonly head: number;
  /** Further behind the highest head than allowed. */
  readonly lagging: readonly number[];
  readonly failing: readonly number[];
  /** Blocks in which nodes that are up to date differ, twice in a row; undefined: they agree, or there is one alone. */
  readonly disputedBlock: number | undefined;
}

/** Below the lowest head: nearer to it, nodes differ for a moment in any reorganisation of a block or two. */
const COMPARED_DEPTH = 3;

/** Looks at all nodes now and then; remembers whether they differed the last time. */
export class NodeComparison {
  private differedBefore = false;

  constructor(
    private readonly rpc: Rpc,
    private readonly maxLagBlocks: number,
  ) {}

  async look(): Promise<Comparison> {
    const { urls } = this.rpc;
    const failing: number[] = [];
    const heads: NodeHead[] = [];
    await Promise.all(
      urls.map(async (_, index) => {
        try {
          heads.push({ index, number: Number(await this.rpc.ask(index, "eth_blockNumber", [])) });
        } catch {
          failing.push(index);
        }
      }),
    );
    heads.sort((a, b) => a.index - b.index);
    const head = Math.max(0, ...heads.map(({ number }) => number));
    const lagging = heads.filter(({ number }) => head - number > this.maxLagBlocks).map(({ index }) => index);
    const current = heads.filter(({ index }) => !lagging.includes(index));
    const disputedBlock = await this.disputed(current);
    return { best: current[0]?.index, head, lagging, failing, disputedBlock };
  }

  private async disputed(current: readonly NodeHead[]): Promise<number | undefined> {
    if (current.length < 2) {
      this.differedBefore = false;
      return undefined;
    }
    const number = Math.max(0, Math.min(...current.map((each) => each.number)) - COMPARED_DEPTH);
    const hashes = await Promise.all(
      current.map(async ({ index }) => {
        const block = await this.rpc
          .ask(index, "eth_getBlockByNumber", [`0x${number.toString(16)}`, false])
          .catch(() => undefined);
        return (block as { hash?: string } | null | undefined)?.hash;
      }),
    );
    const known = new Set(hashes.filter((hash) => hash !== undefined));
    const differs = known.size > 1;
    const isSure = differs && this.differedBefore;
    this.differedBefore = differs;
    return isSure ? number : undefined;
  }
}

/** Throws unless every node that answers is of the chain; at least one has to. */
export async function checkChain(rpc: Rpc): Promise<void> {
  let reached = 0;
  for (const [index, url] of rpc.urls.entries()) {
    let id: number;
    try {
      id = Number(await rpc.ask(index, "eth_chainId", []));
    } catch {
      continue;
    }
    reached += 1;
    if (id !== rpc.chainId) throw new WrongChainError(url, id, rpc.chainId);
  }
  if (reached === 0) throw new NodeError(rpc.urls[0], "no node answers: is its address right, and is it running?");
}

/** A node is of another chain than the one to keep on. */
export class WrongChainError extends Error {
  constructor(url: string, found: number, expected: number) {
    super(`${hostOf(url)} is a node of chain ${found}, not ${expected}: give a node of that chain, or another chain`);
    this.name = "WrongChainError";
  }
}
