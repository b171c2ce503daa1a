import { isEntry, modifierNames } from "../context";
import type { Check, Context, FunctionFacts } from "../context";
import { stepsOf } from "../flow";

/** Who may call a function, by contract and function. */
export type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

const ROLES = ["GOVERNOR", "RISK_MANAGER", "GUARDIAN"];
/** Callers that a function must recognise by itself. */
const RECOGNISED = [
  "owner",
  "product",
  "productOnly",
  "brokerOwner",
  "vault",
  "configurator",
  "alpManager",
  "feeDistributor",
];

/** Against entries that the table does not know, or that do not ask for what the table says. */
export function unguarded(table: Table): Check {
  return {
    name: "unguarded",
    against: "an entry that changes state and is not in the table of permissions, or asks for less than the table says",
    find: (context) =>
      Object.entries(table).flatMap(([contract, rows]) =>
        entriesOf(contract, context).flatMap((facts) => {
          const fault = faultOf(facts, rows[facts.name], context);
          return fault === undefined ? [] : [context.finding(facts.node, fault)];
        }),
      ),
  };
}

/** Entries of a contract and of its bases that are checked; each name once, the outermost. */
function entriesOf(name: string, context: Context): FunctionFacts[] {
  const contract = context.contracts.find(({ node }) => node.name === name)?.node;
  if (contract === undefined) return [];
  const bases = context.linearized(contract);
  const own = bases.flatMap((base) =>
    context.functions.filter((facts) => facts.contract === base && isEntry(facts.node)),
  );
  return own.filter((facts, index) => own.findIndex((other) => other.name === facts.name) === index);
}

function faultOf({ node, name }: FunctionFacts, caller: string | undefined, context: Context): string | undefined {
  if (name === "receive" || name === "fallback") return undefined;
  if (caller === undefined) return "not in the table of permissions";
  if (ROLES.includes(caller))
    return modifierNames(node).includes("restricted") ? undefined : `${caller}'s, and not restricted`;
  if (!RECOGNISED.includes(caller)) return undefined;
  const asks = stepsOf(node, context).some(({ kind }) => kind === "sender");
  return asks ? undefined : `${caller}'s, and does not ask who calls`;
}
