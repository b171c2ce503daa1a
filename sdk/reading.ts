import { Interface, toBeHex } from "ethers";
import type { BlockTag, JsonRpcApiProvider, Provider } from "ethers";
import type { Abi, Args, Codec, FunctionName, Returned } from "./abi";
import { RefusedError, explained } from "./failures";
import { decodeError } from "./errors";

/** A call of a view, and how its answer is read. */
export interface Query<T> {
  readonly to: string;
  readonly data: string;
  decode(data: string): T;
}

/** Where many calls are made as one, on every chain that has it. */
export const MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11";

const MULTICALL = new Interface([
  "function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[] results)",
]);

export function query<const A extends Abi, Name extends FunctionName<A>>(
  codec: Codec<A>,
  to: string,
  name: Name,
  args: Args<A, Name>,
): Query<Returned<A, Name>> {
  return { to, data: codec.encode(name, args), decode: (data) => codec.decode(name, data) };
}

/** Asked of the node itself where that can be: ethers keeps an answer for a moment, and what was just mined would be left out. */
async function latestBlock(provider: Provider): Promise<string> {
  if (!("send" in provider)) return toBeHex(await provider.getBlockNumber());
  const node = provider as unknown as JsonRpcApiProvider;
  return String(await node.send("eth_blockNumber", []));
}

/** Reads views: one, or many of one and the same block. */
export class Reader {
  private hasMulticall: Promise<boolean> | undefined;
  /** The latest answers by what was asked, the one used longest ago first. */
  private readonly memory = new Map<string, { readonly answer: string; readonly value: unknown }>();

  /** @param remembered Of so many questions the last answer is kept: one that has not changed is not decoded again. */
  constructor(
    private readonly provider: Provider,
    private readonly remembered = 0,
  ) {}

  /** Throws `RefusedError` where the view reverts. */
  async one<T>(asked: Query<T>, blockTag: BlockTag = "latest"): Promise<T> {
    const { to, data } = asked;
    let answer: string;
    try {
      answer = await this.provider.call({ to, data, blockTag });
    } catch (error) {
      throw explained(error);
    }
    return this.decoded(asked, answer);
  }

  /**
   * The answers in the order of the queries, all of one block: in one call where the chain has Multicall3, else in as many.
   * Throws `RefusedError` for the first that reverts.
   */
  async all<const Q extends readonly Query<unknown>[]>(
    queries: Q,
    blockTag?: BlockTag,
  ): Promise<{ -readonly [Index in keyof Q]: Q[Index] extends Query<infer T> ? T : never }> {
    const block = blockTag ?? (await latestBlock(this.provider));
    const answers = (await this.isMulticallThere())
      ? await this.together(queries, block)
      : await Promise.all(queries.map((each) => this.one(each, block)));
    return answers as never;
  }

  private decoded<T>(asked: Query<T>, answer: string): T {
    if (this.remembered === 0) return asked.decode(answer);
    const key = `${asked.to} ${asked.data}`;
    const known = this.memory.get(key);
    const value = known?.answer === answer ? (known.value as T) : asked.decode(answer);
    this.memory.delete(key);
    this.memory.set(key, { answer, value });
    if (this.memory.size > this.remembered) this.memory.delete(this.memory.keys().next().value as string);
    return value;
  }

  private isMulticallThere(): Promise<boolean> {
    this.hasMulticall ??= this.provider.getCode(MULTICALL3).then(
      (code) => code !== "0x",
      (error: unknown) => {
        // No answer is none of the chain's: it is asked again.
        this.hasMulticall = undefined;
        throw error;
      },
    );
    return this.hasMulticall;
  }

  private async together(queries: readonly Query<unknown>[], blockTag: BlockTag): Promise<unknown[]> {
    const calls = queries.map(({ to, data }) => [to, true, data]);
    const answer = await this.provider.call({
      to: MULTICALL3,
      data: MULTICALL.encodeFunctionData("aggregate3", [calls]),
      blockTag,
    });
    const [results] = MULTICALL.decodeFunctionResult("aggregate3", answer) as unknown as [[boolean, string][]];
    return results.map(([isDone, data], index) => {
      if (!isDone) throw new RefusedError(decodeError(data));
      return this.decoded(queries[index], data);
    });
  }
}
