import type { FunctionFragment } from "ethers";
import { interfaceOf } from "../audit/question";
import type { ChainProfile } from "../profiles";
import type { DeploymentRecord } from "../record";
import { ROLES, ROLE_TABLE } from "../roles";
import type { Role, RoleName } from "../roles";
import { profileArguments, sourceAt } from "./profileArguments";
import { CallError, valueOf } from "./values";
import type { Written } from "./values";

/** A call of governance, ready to be scheduled. */
export interface PlannedCall {
  /** `TradingConfigurator.setCaps`. */
  readonly name: string;
  readonly target: string;
  readonly data: string;
  /** By name, as the ABI takes them. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly role: Role;
  readonly roleName: RoleName;
}

export interface CallContext {
  readonly record: DeploymentRecord;
  readonly profile: ChainProfile;
  /** What a view of the system answers: a call that raises names the guardian's cuts, and the last raise. */
  readonly ask: (contract: string, name: string, args: readonly unknown[]) => Promise<bigint | string>;
}

/** What a product's configurator acts on, by the name of its first argument. */
const PRODUCTS = ["trading", "prediction", "pro"];

/** The views that name what the guardian has cut, by call. */
const SETTINGS: Readonly<Record<string, string>> = {
  "Vault.setCeiling": "ceilingSetting",
  "TradingConfigurator.setCaps": "capsSetting",
  "TradingConfigurator.setStatus": "statusSetting",
  "TradingConfigurator.setMarginToken": "marginTokenSetting",
  "PredictionConfigurator.setMarket": "marketSetting",
  "PredictionConfigurator.setStakeToken": "stakeTokenSetting",
  "PredictionConfigurator.setPeriod": "periodSetting",
  "ProConfigurator.setCaps": "capsSetting",
  "ProConfigurator.setStatus": "statusSetting",
};

/** Functions of the AccessManager that its ADMIN alone may call. */
const ADMINISTRATION = [
  "grantRole",
  "labelRole",
  "revokeRole",
  "setGrantDelay",
  "setRoleAdmin",
  "setRoleGuardian",
  "setTargetAdminDelay",
  "setTargetClosed",
  "setTargetFunctionRole",
  "updateAuthority",
];

/** Every call that can be proposed, with its arguments. */
export function knownCalls(): string[] {
  const restricted = Object.entries(ROLE_TABLE).flatMap(([contract, row]) =>
    Object.keys(row).map((name) => [contract, name] as const),
  );
  const all = [...restricted, ...ADMINISTRATION.map((name) => ["AccessManager", name] as const)];
  return all.map(([contract, name]) => signatureOf(contract, fragmentOf(contract, name)));
}

/** `TradingConfigurator.setCaps(bookId, maxOpenInterestUsd, lossBudgetUsd)`: what is filled in by itself is left out. */
function signatureOf(contract: string, fragment: FunctionFragment): string {
  const names = writtenParams(contract, fragment).map(({ name }) => name);
  return `${contract}.${fragment.name}(${names.join(", ")})`;
}

function writtenParams(contract: string, fragment: FunctionFragment) {
  return fragment.inputs.filter(({ name }, index) => !isFilledIn(contract, fragment.name, name, index));
}

function isFilledIn(contract: string, call: string, name: string, index: number): boolean {
  if (index === 0 && PRODUCTS.includes(name) && contract.endsWith("Configurator")) return true;
  return name === "cuts" || (contract === "Breaker" && call === "lower" && name === "lastRaisedAt");
}

/** Reads a call as it is written. Throws {@link CallError}. */
export async function planCall(written: string, context: CallContext): Promise<PlannedCall> {
  const [, contract, name, inner] = /^\s*(\w+)\.(\w+)\s*\(([\s\S]*)\)\s*$/.exec(written) ?? [];
  if (name === undefined) {
    throw new CallError(`"${written}" is no call: write it as TradingConfigurator.setFees(BTC/USD standard, 800, 40%)`);
  }
  const role = roleOfCall(contract, name);
  const fragment = fragmentOf(contract, name);
  const deployed = Object.entries(context.record.contracts).find(([, known]) => known.contract === contract);
  if (deployed === undefined) throw new CallError(`the record has no ${contract}`);
  const call = `${contract}.${name}`;
  const args: Record<string, unknown> = {};
  const writtenArgs = assign(call, signatureOf(contract, fragment), fragment, splitArguments(inner), contract);
  for (const [index, param] of fragment.inputs.entries()) {
    if (index === 0 && PRODUCTS.includes(param.name) && contract.endsWith("Configurator")) {
      const named = writtenArgs.get(param.name) ?? context.record.contracts[param.name].contract;
      args[param.name] = valueOf(param, named, {
        contract,
        profile: context.profile,
        record: context.record,
        before: {},
      });
      continue;
    }
    if (isFilledIn(contract, name, param.name, index)) continue;
    const given = writtenArgs.get(param.name);
    const values = { contract, profile: context.profile, record: context.record, before: args };
    args[param.name] =
      given === undefined ? fromProfile(call, param.name, writtenArgs, args, context) : valueOf(param, given, values);
  }
  for (const [index, param] of fragment.inputs.entries()) {
    if (param.name in args || !isFilledIn(contract, name, param.name, index)) continue;
    args[param.name] = await filledIn(call, contract, args, context);
  }
  const data = interfaceOf(contract).encodeFunctionData(
    fragment,
    fragment.inputs.map((param) => args[param.name]),
  );
  return { name: call, target: deployed[1].address, data, args, role: ROLES[role], roleName: role };
}

export function roleOfCall(contract: string, name: string): RoleName {
  if (contract === "AccessManager" && ADMINISTRATION.includes(name)) return "ADMIN";
  const row = ROLE_TABLE[contract] as (typeof ROLE_TABLE)[string] | undefined;
  const role = row?.[name];
  if (role !== undefined && role !== "PUBLIC") return role;
  const names = row === undefined ? Object.keys(ROLE_TABLE) : Object.keys(row);
  const offered = contract === "AccessManager" ? ADMINISTRATION : names.filter((each) => row !== undefined || each);
  throw new CallError(
    row === undefined && contract !== "AccessManager"
      ? `no contract ${contract} is governed; there are ${names.join(", ")}, AccessManager`
      : `${contract}.${name} is no call of governance; there are ${offered.join(", ")}`,
  );
}

function fragmentOf(contract: string, name: string): FunctionFragment {
  const fragment = interfaceOf(contract).getFunction(name);
  if (fragment === null) throw new CallError(`${contract} has no function ${name}`);
  return fragment;
}

/** The written arguments by the names of their parameters, in their order or by name. */
function assign(
  call: string,
  signature: string,
  fragment: FunctionFragment,
  parts: readonly string[],
  contract: string,
): Map<string, Written> {
  const params = writtenParams(contract, fragment).map(({ name }) => name);
  const assigned = new Map<string, Written>();
  let next = 0;
  for (const part of parts) {
    const [, name, value] = /^(\w+)\s*=\s*([\s\S]+)$/.exec(part) ?? [undefined, undefined, part];
    if (name === undefined && /^@profile\b/.test(part)) {
      assigned.set("@profile", part.slice("@profile".length).trim());
      continue;
    }
    const param = name ?? params.at(next++);
    // A product that replaces the record's is named.
    const isProduct = name !== undefined && name === fragment.inputs[0]?.name && PRODUCTS.includes(name);
    if (param === undefined || !(params.includes(param) || isProduct) || assigned.has(param)) {
      throw new CallError(`${call} has no argument for "${part}"; it is ${signature}`);
    }
    assigned.set(param, writtenOf(value));
  }
  const missing = params.filter((param) => !assigned.has(param));
  if (missing.length > 0 && !assigned.has("@profile")) {
    throw new CallError(`${call} lacks ${missing.join(", ")}; it is ${signature}`);
  }
  return assigned;
}

function fromProfile(
  call: string,
  param: string,
  written: ReadonlyMap<string, Written>,
  args: Readonly<Record<string, unknown>>,
  { profile, record }: CallContext,
): unknown {
  const place = written.get("@profile");
  if (call === "PriceAggregator.addSource" && param === "config") {
    return sourceAt(profile, Number(args.assetId), place === "" ? 0 : Number(place));
  }
  const found = profileArguments(call, args, { profile, record });
  if (!(param in found)) throw new CallError(`${call}: the profile has no ${param}`);
  return found[param];
}

async function filledIn(
  call: string,
  contract: string,
  args: Readonly<Record<string, unknown>>,
  { ask }: CallContext,
): Promise<unknown> {
  if (call === "Breaker.lower") return ask("Breaker", "raisedAt", []);
  const view = SETTINGS[call];
  const params = fragmentOf(contract, view).inputs.map(({ name }) => args[name]);
  return ask(contract, "cutsOf", [await ask(contract, view, params)]);
}

/** Text, or JSON where it begins as a list, a struct or a quoted text does. */
function writtenOf(text: string): Written {
  if (!/^[[{"]/.test(text)) return text;
  try {
    return JSON.parse(text) as Written;
  } catch {
    const isList = text.startsWith("[") && text.endsWith("]");
    if (isList) return splitArguments(text.slice(1, -1));
    throw new CallError(`${text} is neither text nor JSON`);
  }
}

/** Parts between commas, but for those within brackets and quotes. */
export function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let [depth, part, isQuoted] = [0, "", false];
  for (const letter of text) {
    if (letter === '"') isQuoted = !isQuoted;
    else if (!isQuoted && "[{(".includes(letter)) depth++;
    else if (!isQuoted && "]})".includes(letter)) depth--;
    if (letter === "," && depth === 0 && !isQuoted) {
      parts.push(part.trim());
      part = "";
    } else part += letter;
  }
  if (part.trim() !== "" || parts.length > 0) parts.push(part.trim());
  if (depth !== 0 || isQuoted) throw new CallError(`a bracket or a quotation mark is open in (${text})`);
  return parts;
}
