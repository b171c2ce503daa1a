/** What a static check looks at, and what it answers. */
import { childrenOf, findAll, isNode, lineOf, textOf, walk } from "../lib/ast";
import type { Node, Trees } from "../lib/ast";
import type { Sources } from "../lib/sources";

export interface Finding {
  file: string;
  line: number;
  /** `Contract.function`, or as much of it as there is. */
  place: string;
  what: string;
}

export interface Check {
  name: string;
  /** What it is against, in a sentence. */
  against: string;
  find(context: Context): Finding[];
}

export interface FunctionFacts {
  node: Node;
  contract: Node;
  file: string;
  name: string;
}

/** Trees and sources of the files that are checked, and of everything that these import. */
export class Context {
  readonly byId = new Map<number, Node>();
  /** Functions with a body in the files that are checked. */
  readonly functions: FunctionFacts[] = [];
  /** Contracts, libraries and interfaces in the files that are checked. */
  readonly contracts: { node: Node; file: string }[] = [];
  private readonly fileOf = new Map<number, string>();
  private readonly ownerOf = new Map<number, { contract?: Node; function?: Node }>();

  constructor(
    trees: Trees,
    private readonly sources: Sources,
    files: readonly string[],
  ) {
    for (const [file, tree] of trees) {
      walk(tree, (node, parents) => {
        this.byId.set(node.id, node);
        this.fileOf.set(node.id, file);
        const nearest = (type: string) => [node, ...parents].find(({ nodeType }) => nodeType === type);
        this.ownerOf.set(node.id, { contract: nearest("ContractDefinition"), function: nearest("FunctionDefinition") });
      });
    }
    this.trees = files.map((file) => {
      const tree = trees.get(file);
      if (tree === undefined) throw new Error(`${file} was not compiled`);
      return { file, tree };
    });
    for (const { file, tree } of this.trees) {
      for (const { node: contract } of findAll(tree, "ContractDefinition")) {
        this.contracts.push({ node: contract, file });
        for (const node of functionsOf(contract)) {
          if (isNode(node.body)) this.functions.push({ node, contract, file, name: String(node.name || node.kind) });
        }
      }
    }
  }

  readonly trees: { file: string; tree: Node }[];

  /** Every node of some types in the files that are checked. */
  all(...types: string[]): { node: Node; parents: readonly Node[]; file: string }[] {
    return this.trees.flatMap(({ file, tree }) => findAll(tree, ...types).map((found) => ({ ...found, file })));
  }

  finding(node: Node, what: string): Finding {
    const file = this.fileOf.get(node.id) ?? "";
    const { contract, function: within } = this.ownerOf.get(node.id) ?? {};
    const parts = [contract?.name, within === undefined ? undefined : within.name || within.kind] as (
      string | undefined
    )[];
    const place = parts.filter((part) => part !== undefined).join(".") || file;
    return { file, line: lineOf(node, this.sourceOf(file)), place, what };
  }

  text(node: Node): string {
    return textOf(node, this.sourceOf(this.fileOf.get(node.id) ?? "")).replace(/\s+/g, " ");
  }

  sourceOf(file: string): string {
    return this.sources.get(file) ?? "";
  }

  fileOfNode(node: Node): string {
    return this.fileOf.get(node.id) ?? "";
  }

  contractOf(node: Node): Node | undefined {
    return this.ownerOf.get(node.id)?.contract;
  }

  /** The declaration that an identifier or member names, where it has one of its own. */
  declarationOf(node: unknown): Node | undefined {
    if (!isNode(node) || typeof node.referencedDeclaration !== "number") return undefined;
    return this.byId.get(node.referencedDeclaration);
  }

  /** A contract and its bases, itself first. */
  linearized(contract: Node): Node[] {
    const ids = contract.linearizedBaseContracts as number[];
    return ids.map((id) => this.byId.get(id)).filter((node) => node !== undefined);
  }

  /** State variables of a contract and its bases. */
  stateOf(contract: Node): Node[] {
    return this.linearized(contract).flatMap((base) =>
      (base.nodes as Node[]).filter(
        ({ nodeType, stateVariable }) => nodeType === "VariableDeclaration" && stateVariable === true,
      ),
    );
  }

  /** Whether what an expression writes to lies in storage. */
  isStorage(target: Node): boolean {
    if (target.nodeType === "TupleExpression") {
      return (target.components as unknown[]).some((part) => isNode(part) && this.isStorage(part));
    }
    if (target.nodeType === "IndexAccess") return this.isStorage(target.baseExpression as Node);
    if (target.nodeType === "MemberAccess") return this.isStorage(target.expression as Node);
    if (target.nodeType === "FunctionCall") return / storage (ref|pointer)$/.test(typeStringOf(target));
    const declaration = this.declarationOf(target);
    if (declaration?.nodeType !== "VariableDeclaration") return false;
    return declaration.stateVariable === true || declaration.storageLocation === "storage";
  }
}

export function functionsOf(contract: Node): Node[] {
  return (contract.nodes as Node[]).filter(({ nodeType }) => nodeType === "FunctionDefinition");
}

export function isEntry({ visibility, stateMutability, kind }: Node): boolean {
  if (kind === "constructor") return false;
  return (
    (visibility === "external" || visibility === "public") &&
    (stateMutability === "nonpayable" || stateMutability === "payable")
  );
}

export function modifierNames(node: Node): string[] {
  return ((node.modifiers ?? []) as Node[]).map(({ modifierName }) => String((modifierName as Node).name));
}

/** An expression without the brackets around it. */
export function bare(node: Node): Node {
  const components = node.nodeType === "TupleExpression" ? (node.components as unknown[]) : [];
  return components.length === 1 && isNode(components[0]) ? bare(components[0]) : node;
}

/** What a call calls, without the options of value and gas. */
export function calleeOf(call: Node): Node {
  const expression = call.expression as Node;
  return expression.nodeType === "FunctionCallOptions" ? (expression.expression as Node) : expression;
}

export function memberOf(node: Node): string {
  return node.nodeType === "MemberAccess" ? String(node.memberName) : "";
}

export function typeStringOf(node: Node): string {
  return (node.typeDescriptions as { typeString?: string } | undefined)?.typeString ?? "";
}

/** Whether anything in a node, itself included, is as asked. */
export function contains(node: Node, asked: (node: Node) => boolean): boolean {
  return asked(node) || childrenOf(node).some((child) => contains(child, asked));
}
