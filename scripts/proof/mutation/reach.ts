/** Which contracts' code a function is part of, by what calls what. */
import { findAll, isNode, walk } from "../lib/ast";
import type { Node, Trees } from "../lib/ast";

/** Names of the contracts that have a declaration in their code, by the declaration's id in the trees. */
export type Reach = (declaration: number) => ReadonlySet<string>;

const NONE: ReadonlySet<string> = new Set();

/**
 * A contract reaches its own functions and those of its bases, and from there what they name; not the functions of libraries that
 * it is linked to and delegates to. A contract that creates another one contains it.
 */
export function reachOf(trees: Trees): Reach {
  const declarations = new Map<number, Node>();
  const ownerOf = new Map<number, Node>();
  const contracts: Node[] = [];
  for (const tree of trees.values()) {
    walk(tree, (node, parents) => {
      declarations.set(node.id, node);
      const owner = parents.find(({ nodeType }) => nodeType === "ContractDefinition");
      if (owner !== undefined) ownerOf.set(node.id, owner);
      if (node.nodeType === "ContractDefinition") contracts.push(node);
    });
  }
  const edges = new Map<number, number[]>();
  const edgesOf = (id: number): number[] => {
    const known = edges.get(id);
    if (known !== undefined) return known;
    const node = declarations.get(id);
    const found =
      node === undefined ? [] : namedIn(node).filter((to) => isInlined(declarations.get(to), node, ownerOf));
    edges.set(id, found);
    return found;
  };
  const reached = new Map<number, Set<string>>();
  for (const contract of contracts) {
    const seen = new Set<number>();
    const waiting = rootsOf(contract, declarations);
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      reached.set(id, (reached.get(id) ?? new Set()).add(String(contract.name)));
      const node = declarations.get(id);
      if (node?.nodeType === "ContractDefinition") waiting.push(...rootsOf(node, declarations));
      else waiting.push(...edgesOf(id));
    }
  }
  return (declaration) => reached.get(declaration) ?? NONE;
}

/** Everything that a contract and its bases declare. */
function rootsOf(contract: Node, declarations: ReadonlyMap<number, Node>): number[] {
  const bases = contract.linearizedBaseContracts as number[];
  return bases.flatMap((id) => ((declarations.get(id)?.nodes ?? []) as Node[]).map((node) => node.id));
}

/** Declarations that code names: functions, modifiers, constants, operators, contracts that it creates. */
function namedIn(node: Node): number[] {
  const found: number[] = [];
  walk(node, (each) => {
    if (typeof each.referencedDeclaration === "number") found.push(each.referencedDeclaration);
    if (typeof each.function === "number") found.push(each.function);
    if (each.nodeType === "InlineAssembly") {
      for (const { declaration } of each.externalReferences as { declaration: number }[]) found.push(declaration);
    }
  });
  const created = findAll(node, "NewExpression").map(({ node: { typeName } }) =>
    isNode(typeName) ? typeName.referencedDeclaration : undefined,
  );
  return [...found, ...created.filter((id) => typeof id === "number")];
}

function isInlined(to: Node | undefined, from: Node, ownerOf: ReadonlyMap<number, Node>): boolean {
  if (to === undefined) return false;
  if (to.nodeType === "ModifierDefinition") return true;
  if (to.nodeType === "VariableDeclaration") return to.constant === true;
  if (to.nodeType === "ContractDefinition") {
    return findAll(from, "NewExpression").some(({ node }) => (node.typeName as Node).referencedDeclaration === to.id);
  }
  if (to.nodeType !== "FunctionDefinition") return false;
  const isLinked = ownerOf.get(to.id)?.contractKind === "library" && ownerOf.get(to.id) !== ownerOf.get(from.id);
  return !(isLinked && (to.visibility === "external" || to.visibility === "public"));
}
