import type { Command } from "commander";
import type { JsonRpcProvider } from "ethers";
import type { DeploymentRecord } from "../../../deploy/record";
import { knownCalls } from "../../../deploy/governance/calls";
import type { PlannedCall } from "../../../deploy/governance/calls";
import { EXPIRATION_SECONDS, cancellersOf, pendingOperations } from "../../../deploy/governance/operations";
import type { Operation } from "../../../deploy/governance/operations";
import { safeFile, writeSafeFile } from "../../../deploy/governance/safe";
import type { WalletTransaction } from "../../../deploy/governance/safe";
import { InterruptedError, UsageError } from "../lib/errors";
import { EXIT } from "../lib/exit";
import { changeTable, changesOf, encodeCancel, encodeSchedule, planCalls, timeOf } from "../lib/governance";
import { accountFor, requireAccount } from "../lib/keys";
import { alone } from "../lib/lock";
import { table } from "../lib/output";
import type { Define } from "../lib/program";
import { send } from "../lib/send";
import { recordFor, withNode } from "../lib/world";
import type { Surroundings } from "../lib/world";

interface Options {
  when?: string;
  safe?: string;
  dryRun?: boolean;
  all?: boolean;
}

export const definePropose: Define = (program, run) => {
  const propose = program
    .command("propose")
    .description("schedule calls of governance, and list, execute and cancel what is scheduled")
    .argument("[calls...]", 'such as "TradingConfigurator.setFees(BTC/USD standard, 0.08%, 40%)", in their order')
    .option("--when <time>", "not before this time, as 2026-01-31T12:00:00Z; the earliest by default")
    .option("--safe <file>", "write a file for Safe's Transaction Builder instead of sending")
    .option("--dry-run", "print what would change, and send nothing")
    .action((calls: string[], options: Options, command: Command) =>
      run(command, (surroundings) => schedule(surroundings, calls, options)),
    );
  propose
    .command("calls")
    .description("print every call that can be proposed, with its arguments")
    .action((_: object, command: Command) => run(command, (surroundings) => Promise.resolve(listCalls(surroundings))));
  propose
    .command("list")
    .description("print what is scheduled, since when it is ready, and who may cancel it")
    .action((_: object, command: Command) => run(command, list));
  propose
    .command("execute")
    .description("execute what is scheduled and ready")
    .argument("[ids...]", "of `propose list`: the beginning of each is enough")
    .option("--all", "all that is ready and the account of the key has scheduled")
    .option("--safe <file>", "write a file for Safe's Transaction Builder instead of sending")
    .action((ids: string[], _: object, command: Command) =>
      run(command, (surroundings) => execute(surroundings, ids, command.optsWithGlobals<Options>())),
    );
  propose
    .command("cancel")
    .description("cancel what is scheduled: by whoever scheduled it, the guardian, or the governor")
    .argument("[ids...]", "of `propose list`: the beginning of each is enough")
    .option("--all", "all that is scheduled")
    .option("--safe <file>", "write a file for Safe's Transaction Builder instead of sending")
    .action((ids: string[], _: object, command: Command) =>
      run(command, (surroundings) => cancel(surroundings, ids, command.optsWithGlobals<Options>())),
    );
};

function listCalls({ output }: Surroundings): void {
  const calls = knownCalls();
  output.result(calls, () => calls.join("\n"));
}

async function schedule(surroundings: Surroundings, written: readonly string[], options: Options): Promise<number> {
  if (written.length === 0) throw new UsageError("no call is given", "`asterism propose calls` prints what there is");
  const { output } = surroundings;
  const record = recordFor(surroundings);
  const when = whenOf(options.when);
  return withNode(surroundings, record, async (provider) => {
    const calls = await planCalls(provider, record, written);
    const caller = callerOf(record, calls);
    const changes = await changesOf(provider, record, calls, surroundings);
    const now = (await provider.getBlock("latest"))?.timestamp ?? 0;
    const plan = calls.map((call) => planOf(record, call, caller, Math.max(when, now + call.role.delaySeconds)));
    const shown = () => `${changeTable(changes)}\n${plan.map(planShown).join("\n")}`;
    const manager = record.contracts.accessManager.address;
    const transactions = calls.map((call) =>
      call.role.delaySeconds === 0
        ? { to: call.target, data: call.data }
        : { to: manager, data: encodeSchedule(call, when) },
    );
    const result = { changes, calls: plan, transactions };
    if (options.safe !== undefined) {
      writeWalletFile(
        options.safe,
        record,
        caller,
        `Schedule ${calls.map(({ name }) => name).join(", ")}`,
        transactions,
      );
      output.result({ ...result, file: options.safe }, () => `${shown()}\nwritten: ${options.safe ?? ""}`);
      return EXIT.fine;
    }
    if (options.dryRun === true) {
      output.result(result, () => `${shown()}\nnothing was sent`);
      return EXIT.fine;
    }
    output.note(shown());
    // After an interruption the same command schedules what is left.
    const pending = await pendingOperations(provider, record);
    const isPending = ({ target, data }: PlannedCall) =>
      pending.some(
        (operation) => operation.caller === caller && operation.target === target && operation.data === data,
      );
    for (const call of calls.filter(isPending)) output.note(`${call.name} is scheduled already`);
    const left = transactions.filter((_, index) => !isPending(calls[index]));
    const hashes = await sendAll(surroundings, provider, caller, "scheduling", left);
    output.result({ ...result, hashes }, () => `scheduled; \`asterism propose list\` says when each is ready`);
    return EXIT.fine;
  });
}

async function list(surroundings: Surroundings): Promise<number> {
  const { output } = surroundings;
  const record = recordFor(surroundings);
  const operations = await withNode(surroundings, record, (provider) => pendingOperations(provider, record));
  output.result(operations, () => {
    if (operations.length === 0) return "nothing is scheduled";
    const rows = operations.map((operation) => [
      operation.id.slice(0, 10),
      `${operation.name}(${argumentsShown(operation)})`,
      `${operation.isReady ? "ready since" : "ready at"} ${timeOf(operation.readyAt)}`,
      timeOf(operation.expiresAt),
      operation.cancelledBy.join("\n"),
    ]);
    return table(["id", "call", "ready", "void from", "cancelled by"], rows);
  });
  return EXIT.fine;
}

async function execute(surroundings: Surroundings, ids: readonly string[], options: Options): Promise<number> {
  const record = recordFor(surroundings);
  return withNode(surroundings, record, async (provider) => {
    const pending = await pendingOperations(provider, record);
    const own = options.all ? (await accountFor(surroundings, provider)).address : "";
    const isOwnAndReady = ({ caller, isReady }: Operation) => isReady && caller === own;
    const operations = options.all ? pending.filter(isOwnAndReady) : pick(pending, ids);
    if (operations.length === 0)
      throw new UsageError("nothing is to be executed", "`asterism propose list` says what is ready when");
    const early = operations.find(({ isReady }) => !isReady);
    if (early !== undefined) {
      throw new UsageError(
        `${early.name} is ready at ${timeOf(early.readyAt)}`,
        "execute it from then on, within a week",
      );
    }
    const caller = callerOfAll(operations.map((operation) => operation.caller));
    // Made directly, the target sees who makes it.
    const transactions = operations.map(({ target, data }) => ({ to: target, data }));
    return conclude(surroundings, provider, record, caller, {
      word: "executed",
      verb: "Execute",
      operations,
      transactions,
      options,
    });
  });
}

async function cancel(surroundings: Surroundings, ids: readonly string[], options: Options): Promise<number> {
  const record = recordFor(surroundings);
  const manager = record.contracts.accessManager.address;
  return withNode(surroundings, record, async (provider) => {
    const pending = await pendingOperations(provider, record);
    const operations = options.all ? pending : pick(pending, ids);
    if (operations.length === 0)
      throw new UsageError("nothing is to be cancelled", "`asterism propose list` says what there is");
    const transactions = operations.map((operation) => ({ to: manager, data: encodeCancel(operation) }));
    // Whoever's key is there: the chain says whether it may.
    const isSent = options.safe === undefined;
    const caller = isSent ? (await accountFor(surroundings, provider)).address : record.accounts.guardian;
    return conclude(surroundings, provider, record, caller, {
      word: "cancelled",
      verb: "Cancel",
      operations,
      transactions,
      options,
    });
  });
}

interface Conclusion {
  word: string;
  verb: string;
  operations: readonly Operation[];
  transactions: readonly WalletTransaction[];
  options: Options;
}

async function conclude(
  surroundings: Surroundings,
  provider: JsonRpcProvider,
  record: DeploymentRecord,
  caller: string,
  { word, verb, operations, transactions, options }: Conclusion,
): Promise<number> {
  const { output } = surroundings;
  const names = operations.map(({ name }) => name);
  if (options.safe !== undefined) {
    writeWalletFile(options.safe, record, caller, `${verb} ${names.join(", ")}`, transactions);
    output.result({ transactions, file: options.safe }, () => `written: ${options.safe ?? ""}`);
    return EXIT.fine;
  }
  const hashes = await sendAll(surroundings, provider, caller, verb.toLowerCase(), transactions);
  output.result({ [word]: names, hashes }, () => names.map((name) => `${word}: ${name}`).join("\n"));
  return EXIT.fine;
}

async function sendAll(
  surroundings: Surroundings,
  provider: JsonRpcProvider,
  caller: string,
  what: string,
  transactions: readonly WalletTransaction[],
): Promise<string[]> {
  const account = await accountFor(surroundings, provider);
  await requireAccount(account, caller, what);
  const { chainId } = await provider.getNetwork();
  return alone(chainId, account.address, async () => {
    const hashes: string[] = [];
    for (const transaction of transactions) {
      if (surroundings.signal.aborted) throw new InterruptedError();
      hashes.push((await send(account, transaction, what, surroundings.output)).hash);
    }
    return hashes;
  });
}

function writeWalletFile(
  path: string,
  record: DeploymentRecord,
  wallet: string,
  description: string,
  transactions: readonly WalletTransaction[],
): void {
  writeSafeFile(path, safeFile(record.chain.id, wallet, `Asterism ${record.id}`, description, transactions));
}

/** Calls that are proposed together are one account's. */
function callerOf({ accounts }: DeploymentRecord, calls: readonly PlannedCall[]): string {
  return callerOfAll(calls.map(({ role }) => accounts[role.holder]));
}

function callerOfAll(callers: readonly string[]): string {
  const [caller, ...others] = [...new Set(callers)];
  if (others.length > 0) {
    throw new UsageError(
      `the calls are those of ${[caller, ...others].join(" and ")}`,
      "give those of one account at a time",
    );
  }
  return caller;
}

function planOf(record: DeploymentRecord, call: PlannedCall, caller: string, readyAt: number) {
  const { name, target, data, role, roleName } = call;
  const isImmediate = role.delaySeconds === 0;
  return {
    ...{ name, target, data, role: roleName, by: `${role.holder} ${caller}`, isImmediate },
    ...{ readyAt, expiresAt: readyAt + EXPIRATION_SECONDS },
    cancelledBy: isImmediate ? [] : cancellersOf(record, role, caller),
  };
}

function planShown(plan: ReturnType<typeof planOf>): string {
  if (plan.isImmediate) return `${plan.name}: by ${plan.by}, at once`;
  return (
    `${plan.name}: by ${plan.by}, from ${timeOf(plan.readyAt)}, void from ${timeOf(plan.expiresAt)}\n` +
    `  may be cancelled by ${plan.cancelledBy.join(", ")}`
  );
}

function argumentsShown({ args }: Operation): string {
  return Object.entries(args)
    .map(
      ([name, value]) =>
        `${name}: ${JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? Number(inner) : inner))}`,
    )
    .join(", ");
}

function pick(operations: readonly Operation[], ids: readonly string[]): Operation[] {
  return ids.map((id) => {
    const found = operations.filter((operation) => operation.id.startsWith(id));
    if (found.length === 1) return found[0];
    const known = operations.map((operation) => operation.id.slice(0, 10)).join(", ") || "nothing";
    throw new UsageError(
      found.length === 0 ? `nothing of the id ${id} is scheduled` : `${id} begins more than one id`,
      `scheduled: ${known}`,
    );
  });
}

/** Unix seconds; 0: as early as may be. */
function whenOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new UsageError(`"${text}" is no time`, "write it as 2026-01-31T12:00:00Z");
  return Math.floor(time / 1_000);
}
