import { Interface } from "ethers";
import type { Fragment, JsonFragment, JsonFragmentType } from "ethers";
import { ERRORS } from "../../sdk/errors";
import type { CompiledContract, CompiledSource, SourceNode, Words } from "./compiled";

/** A function, event or error, with what is said of it. */
export interface Entry {
  readonly kind: "function" | "event" | "error";
  readonly name: string;
  /** Name and types, as selector and topic are made of them. */
  readonly signature: string;
  /** As it is declared, with the names of structs, enums and contracts. */
  readonly declaration: string;
  /** Selector of a function or an error, topic of an event. */
  readonly id: string;
  readonly words: Words;
}

export interface ContractDocument {
  readonly name: string;
  readonly kind: "interface" | "contract";
  readonly source: CompiledSource;
  readonly node: SourceNode;
  /** All that it is, through what it is too. */
  readonly bases: readonly string[];
  readonly notes: { readonly title?: string; readonly notice?: string; readonly details?: string };
  /** Of the constructor, where it takes something. */
  readonly constructorDeclaration?: string;
  readonly entries: readonly Entry[];
}

const LINE = 90;

const errorWords = new Map(ERRORS.map(({ selector, words }) => [selector, words]));

/** Every interface and every contract that can be deployed, of the sources of this project. */
export function contractDocuments(sources: readonly CompiledSource[]): ContractDocument[] {
  const bases = basesOf(sources);
  const isShown = ({ nodeType, contractKind, abstract }: SourceNode) =>
    nodeType === "ContractDefinition" && contractKind !== "library" && abstract !== true;
  return sources
    .filter(({ path }) => path.startsWith("contracts/"))
    .flatMap((source) => source.nodes.filter(isShown).map((node) => documentOf(source, node, bases)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Entries of which nothing is said, as `Contract.signature`. */
export function undocumented(documents: readonly ContractDocument[]): string[] {
  return documents.flatMap(({ name, entries }) =>
    entries
      .filter(({ words }) => words.notice === undefined && words.details === undefined && words.return === undefined)
      .map(({ signature }) => `${name}.${signature}`),
  );
}

function documentOf(source: CompiledSource, node: SourceNode, bases: Bases): ContractDocument {
  const compiled = source.contracts[node.name];
  const { abi, devdoc, userdoc } = compiled;
  const constructor = abi.find(({ type }) => type === "constructor");
  return {
    name: node.name,
    kind: node.contractKind === "interface" ? "interface" : "contract",
    source,
    node,
    bases: [...bases(node.name)],
    notes: { title: devdoc.title, notice: userdoc.notice, details: devdoc.details },
    constructorDeclaration: constructor?.inputs?.length
      ? wrapped("constructor", parametersOf(constructor.inputs), "")
      : undefined,
    entries: entriesOf(compiled),
  };
}

function entriesOf({ abi, devdoc, userdoc }: CompiledContract): Entry[] {
  const types = Interface.from(abi);
  const entries: Entry[] = [];
  const add = (kind: Entry["kind"], fragment: JsonFragment, id: string, words: Words) =>
    entries.push({
      ...{ kind, id, words, name: fragment.name ?? "", declaration: declarationOf(kind, fragment) },
      signature: signatureOf(types, fragment),
    });
  for (const fragment of abi) {
    const signature = signatureOf(types, fragment);
    if (fragment.type === "function") {
      const variable = devdoc.stateVariables?.[fragment.name ?? ""];
      const words = { ...variable, ...devdoc.methods?.[signature], ...userdoc.methods?.[signature] };
      add("function", fragment, types.getFunction(signature)?.selector ?? "", words);
    } else if (fragment.type === "event") {
      const words = { ...devdoc.events?.[signature], ...userdoc.events?.[signature] };
      add("event", fragment, types.getEvent(signature)?.topicHash ?? "", words);
    } else if (fragment.type === "error") {
      const selector = types.getError(signature)?.selector ?? "";
      const [details, notice] = [devdoc, userdoc].map(({ errors }) => errors?.[signature]?.[0]);
      const said = { ...details, ...notice };
      // A package's own error may say nothing; the list of errors does.
      add("error", fragment, selector, Object.keys(said).length > 0 ? said : { notice: errorWords.get(selector) });
    }
  }
  return entries;
}

function signatureOf(types: Interface, fragment: JsonFragment): string {
  if (fragment.type !== "function" && fragment.type !== "event" && fragment.type !== "error") return "";
  const named = types.fragments.filter((each) => each.type === fragment.type && nameOf(each) === fragment.name);
  const wanted = (fragment.inputs ?? []).map(typeOf).join();
  const found = named.find((each) => each.inputs.map((input) => input.format("sighash")).join() === wanted);
  return found?.format("sighash") ?? "";
}

function nameOf(fragment: Fragment): string | undefined {
  return "name" in fragment ? (fragment.name as string) : undefined;
}

function typeOf({ type = "", components }: JsonFragmentType): string {
  return type.startsWith("tuple") ? `(${(components ?? []).map(typeOf).join()})${type.slice("tuple".length)}` : type;
}

function declarationOf(kind: Entry["kind"], { name, inputs, outputs, stateMutability }: JsonFragment): string {
  const mutability = kind === "function" && stateMutability !== "nonpayable" ? ` ${stateMutability}` : "";
  const returned = kind === "function" && outputs?.length ? ` returns (${parametersOf(outputs).join(", ")})` : "";
  const end = `${kind === "function" ? " external" : ""}${mutability}${returned};`;
  return wrapped(`${kind} ${name}`, parametersOf(inputs ?? []), end);
}

/** On one line where there is room, else a parameter on each. */
function wrapped(start: string, parameters: readonly string[], end: string): string {
  const line = `${start}(${parameters.join(", ")})${end}`;
  if (line.length <= LINE || parameters.length === 0) return line;
  return `${start}(\n${parameters.map((parameter) => `    ${parameter}`).join(",\n")}\n)${end}`;
}

function parametersOf(types: readonly JsonFragmentType[]): string[] {
  return types.map(({ type = "", internalType = type, name, indexed }) =>
    [internalType.replace(/^(struct|enum|contract) /, ""), indexed ? "indexed" : "", name].filter(Boolean).join(" "),
  );
}

type Bases = (name: string) => Set<string>;

/** All bases of a contract by its name, its own first. */
function basesOf(sources: readonly CompiledSource[]): Bases {
  const direct = new Map<string, string[]>();
  for (const { nodes } of sources) {
    for (const { name, baseContracts = [] } of nodes) {
      direct.set(
        name,
        baseContracts.map(({ baseName }) => baseName.name),
      );
    }
  }
  const collect = (name: string, found: Set<string>): Set<string> => {
    for (const base of direct.get(name) ?? []) {
      if (found.has(base)) continue;
      found.add(base);
      collect(base, found);
    }
    return found;
  };
  return (name) => collect(name, new Set());
}
