import { AbiCoder, Interface, keccak256, toBeHex } from "ethers";
import type { BlockTag, JsonRpcApiProvider } from "ethers";
import { decodeError, revertData } from "../../sdk/errors";
import { RefusedError } from "../../sdk/failures";
import { MULTICALL3, Reader } from "../../sdk/reading";
import type { Query } from "../../sdk/reading";
import { blockOf, profileOf, readSettings } from "../audit";
import { AuditContext } from "../audit/context";
import { readHistory } from "../audit/history";
import type { Told } from "../audit/history";
import type { DeploymentRecord } from "../record";
import { ROLES } from "../roles";
import type { PlannedCall } from "./calls";

/** A setting as it is, and as it would be. */
export interface Change {
  readonly what: string;
  readonly now: string;
  readonly then: string;
}

/** The node answers no calls on a state that is not the chain's. */
export class RehearsalError extends Error {
  constructor(cause: unknown) {
    super("the node does not take state overrides: the calls can't be tried on it", { cause });
    this.name = "RehearsalError";
  }
}

const MULTICALL = new Interface([
  "function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[] results)",
]);

/** Of OpenZeppelin's AccessManager: `mapping(uint64 roleId => Role)`, whose first field are the members. */
const ROLES_SLOT = 1;

type Overrides = Readonly<Record<string, { stateDiff?: Record<string, string>; code?: string }>>;

/**
 * Makes the calls in a call that changes nothing, as an account that needs not wait, and reads the settings before and after. Throws
 * `RefusedError` for the first that the system refuses, with its bounds.
 * @param multicallCode What stands for Multicall3 where the chain has none.
 */
export async function rehearse(
  provider: JsonRpcApiProvider,
  record: DeploymentRecord,
  calls: readonly PlannedCall[],
  multicallCode: () => Promise<string>,
): Promise<Change[]> {
  const block = await blockOf(provider, "latest");
  const hasMulticall = (await provider.getCode(MULTICALL3)) !== "0x";
  const overrides: Overrides = {
    [record.contracts.accessManager.address]: { stateDiff: membershipsOf(MULTICALL3) },
    ...(hasMulticall ? {} : { [MULTICALL3]: { code: await multicallCode() } }),
  };
  const history = await readHistory(provider, record, block.number);
  const profile = profileOf(record);
  const hasAccess = calls.some(({ roleName }) => roleName === "ADMIN");
  const read = async (made: readonly PlannedCall[]) => {
    const reader = new RehearsingReader(provider, made, overrides);
    const told = history.with(calls.flatMap(toldBy));
    return readSettings(new AuditContext(provider, reader, record, profile, told, block), { hasAccess });
  };
  const before = new Map((await read([])).map(({ what, found }) => [what, found]));
  const after = new Map((await read(calls)).map(({ what, found }) => [what, found]));
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .map((what) => ({ what, now: before.get(what) ?? "none", then: after.get(what) ?? "none" }))
    .filter(({ now, then }) => now !== then);
}

/** Reads views after some calls that were not sent. */
class RehearsingReader extends Reader {
  constructor(
    private readonly node: JsonRpcApiProvider,
    private readonly made: readonly PlannedCall[],
    private readonly overrides: Overrides,
  ) {
    super(node);
  }

  override async one<T>(asked: Query<T>, blockTag: BlockTag = "latest"): Promise<T> {
    const [answer] = await this.ask([asked], blockTag);
    return answer as T;
  }

  override async all<const Q extends readonly Query<unknown>[]>(
    queries: Q,
    blockTag: BlockTag = "latest",
  ): Promise<{ -readonly [Index in keyof Q]: Q[Index] extends Query<infer T> ? T : never }> {
    return (await this.ask(queries, blockTag)) as never;
  }

  private async ask(queries: readonly Query<unknown>[], blockTag: BlockTag): Promise<unknown[]> {
    const made = this.made.map(({ target, data }) => [target, true, data]);
    const asked = queries.map(({ to, data }) => [to, true, data]);
    const data = MULTICALL.encodeFunctionData("aggregate3", [[...made, ...asked]]);
    let answer: string;
    try {
      answer = (await this.node.send("eth_call", [{ to: MULTICALL3, data }, blockTag, this.overrides])) as string;
    } catch (error) {
      if (revertData(error) !== undefined) throw error;
      throw new RehearsalError(error);
    }
    if (answer === "0x") throw new RehearsalError(undefined);
    const [results] = MULTICALL.decodeFunctionResult("aggregate3", answer) as unknown as [[boolean, string][]];
    for (const [index, call] of this.made.entries()) {
      const [isDone, reason] = results[index];
      if (!isDone) throw new CallRefusedError(call.name, reason);
    }
    return results.slice(made.length).map(([isDone, returned], index) => {
      if (!isDone) throw new RefusedError(decodeError(returned));
      return queries[index].decode(returned);
    });
  }
}

/** The system would refuse a call that is proposed. */
export class CallRefusedError extends Error {
  readonly error: ReturnType<typeof decodeError>;

  constructor(
    readonly call: string,
    data: string,
  ) {
    const refused = new RefusedError(decodeError(data));
    super(`${call} would be refused: ${refused.message}`);
    this.name = "CallRefusedError";
    this.error = refused.error;
  }
}

/** An account as a member of every role, since ever and without a delay. */
function membershipsOf(account: string): Record<string, string> {
  const coder = AbiCoder.defaultAbiCoder();
  const ids = Object.values(ROLES).map(({ id }) => id);
  return Object.fromEntries(
    ids.map((id) => {
      const role = keccak256(coder.encode(["uint64", "uint256"], [id, ROLES_SLOT]));
      return [keccak256(coder.encode(["address", "bytes32"], [account, role])), toBeHex(1, 32)];
    }),
  );
}

/** What would be told of what no view lists. */
function toldBy({ name, args }: PlannedCall): (readonly [event: string, told: Told])[] {
  switch (name) {
    case "TradingConfigurator.listBook":
      return [["BookConfigured", args]];
    case "PriceAggregator.configureAsset":
      return [["AssetConfigured", args]];
    case "PredictionConfigurator.listMarket":
      return [["MarketConfigured", args]];
    case "PredictionConfigurator.setPeriod":
      return [["PeriodConfigured", args]];
    case "AccessManager.grantRole":
      return [["RoleGranted", { roleId: args.roleId, account: args.account }]];
    case "AccessManager.labelRole":
      return [["RoleLabel", args]];
    case "AccessManager.setTargetFunctionRole": {
      const selectors = args.selectors as string[];
      return selectors.map((selector) => ["TargetFunctionRoleUpdated", { target: args.target, selector }]);
    }
  }
  return [];
}
