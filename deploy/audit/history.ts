import type { LogDescription, Provider } from "ethers";
import type { DeploymentRecord } from "../record";
import { interfaceOf } from "./question";

/** Events that tell of what no view lists, by contract. */
const TOLD = {
  accessManager: [
    "RoleGranted",
    "RoleLabel",
    "RoleAdminChanged",
    "RoleGuardianChanged",
    "RoleGrantDelayChanged",
    "TargetAdminDelayUpdated",
    "TargetClosed",
    "TargetFunctionRoleUpdated",
    "OperationScheduled",
  ],
  priceAggregator: ["AssetConfigured"],
  trading: ["BookConfigured"],
  prediction: ["MarketConfigured", "PeriodConfigured"],
} as const;

/** Most blocks of one question; a node that refuses so many is asked for half. */
const MOST_BLOCKS = 10_000;

/** A node answers no question for events, however few blocks it is about. */
export class HistoryError extends Error {
  constructor(from: number, cause: unknown) {
    super(`the node tells no events of block ${from}: name one that keeps the history`, { cause });
    this.name = "HistoryError";
  }
}

export type Told = Readonly<Record<string, unknown>>;

/** What has ever been listed, granted and scheduled. */
export class History {
  private readonly told = new Map<string, Told[]>();

  /** The arguments of every event of a name, in their order. */
  of(event: string): readonly Told[] {
    return this.told.get(event) ?? [];
  }

  add(event: string, told: Told): void {
    const known = this.told.get(event);
    if (known === undefined) this.told.set(event, [told]);
    else known.push(told);
  }

  /** The same with what would be told if something were done. */
  with(added: readonly (readonly [event: string, told: Told])[]): History {
    const copy = new History();
    for (const [event, list] of this.told) for (const told of list) copy.add(event, told);
    for (const [event, told] of added) copy.add(event, told);
    return copy;
  }
}

/** Reads from the record's first block to `toBlock`. `onProgress` hears how far it is. */
export async function readHistory(
  provider: Provider,
  record: DeploymentRecord,
  toBlock: number,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<History> {
  const sources = new Map(
    Object.entries(TOLD).map(([key, events]) => {
      const { contract, address } = record.contracts[key];
      return [address.toLowerCase(), { contractInterface: interfaceOf(contract), events }] as const;
    }),
  );
  const topics = [...sources.values()].flatMap(({ contractInterface, events }) =>
    events.map((name) => contractInterface.getEvent(name)?.topicHash ?? ""),
  );
  const history = new History();
  const total = Math.max(1, toBlock - record.startBlock + 1);
  let size = MOST_BLOCKS;
  for (let from = record.startBlock; from <= toBlock;) {
    const to = Math.min(toBlock, from + size - 1);
    try {
      const logs = await provider.getLogs({
        address: [...sources.keys()],
        topics: [[...new Set(topics)]],
        fromBlock: from,
        toBlock: to,
      });
      for (const log of logs) {
        const parsed = sources.get(log.address.toLowerCase())?.contractInterface.parseLog(log);
        if (parsed) history.add(parsed.name, argumentsOf(parsed));
      }
    } catch (error) {
      if (to === from) throw new HistoryError(from, error);
      size = Math.ceil((to - from + 1) / 2);
      continue;
    }
    from = to + 1;
    onProgress(from - record.startBlock, total);
  }
  return history;
}

function argumentsOf({ fragment, args }: LogDescription): Told {
  return Object.fromEntries(fragment.inputs.map((input, index) => [input.name, args[index] as unknown]));
}
