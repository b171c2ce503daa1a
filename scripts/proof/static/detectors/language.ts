import { isNode } from "../../lib/ast";
import type { Node } from "../../lib/ast";
import { bare, calleeOf, contains, isEntry, memberOf, modifierNames } from "../context";
import type { Check } from "../context";
import { stepsOf } from "../flow";

export const transientDelete: Check = {
  name: "transient-delete",
  against: "a transient variable cleared by `delete`: compilers from 0.8.28 to 0.8.33 could clear another one",
  find: (context) =>
    context
      .all("UnaryOperation")
      .filter(
        ({ node }) =>
          node.operator === "delete" && context.declarationOf(node.subExpression)?.storageLocation === "transient",
      )
      .map(({ node }) => context.finding(node, context.text(node))),
};

export const uninitialisedStorage: Check = {
  name: "uninitialised-storage",
  against: "a reference to storage that refers to nothing yet",
  find: (context) =>
    context
      .all("VariableDeclarationStatement")
      .filter(({ node }) => !isNode(node.initialValue))
      .filter(({ node }) => (node.declarations as (Node | null)[]).some((each) => each?.storageLocation === "storage"))
      .map(({ node }) => context.finding(node, context.text(node))),
};

export const shadowing: Check = {
  name: "shadowing",
  against: "a local name that hides a state variable, a function or a modifier of the contract or its bases",
  find: (context) =>
    context.functions.flatMap(({ node, contract }) => {
      const hidden = new Set(
        context.linearized(contract).flatMap((base) =>
          (base.nodes as Node[])
            .filter(({ nodeType }) =>
              ["VariableDeclaration", "FunctionDefinition", "ModifierDefinition"].includes(nodeType),
            )
            .filter((each) => each.visibility !== "external" && (base === contract || each.visibility !== "private"))
            .map(({ name }) => String(name)),
        ),
      );
      const locals: Node[] = [];
      contains(node, (each) => {
        if (each.nodeType === "VariableDeclaration") locals.push(each);
        return false;
      });
      return locals
        .filter(({ name }) => name !== "" && hidden.has(String(name)))
        .map((each) => context.finding(each, String(each.name)));
    }),
};

export const txOrigin: Check = {
  name: "tx-origin",
  against: "asking who signed the transaction",
  find: (context) =>
    context
      .all("MemberAccess")
      .filter(({ node }) => memberOf(node) === "origin" && (node.expression as Node).name === "tx")
      .map(({ node }) => context.finding(node, context.text(node))),
};

function isBalance(node: Node): boolean {
  if (memberOf(node) === "balance") return true;
  return node.nodeType === "FunctionCall" && memberOf(calleeOf(node)) === "balanceOf";
}

export const strictBalance: Check = {
  name: "strict-balance",
  against: "a balance that must be exactly something: anybody can send one more",
  find: (context) =>
    context
      .all("BinaryOperation")
      .filter(({ node }) => node.operator === "==" || node.operator === "!=")
      .filter(({ node }) =>
        [node.leftExpression, node.rightExpression].some((side) => contains(side as Node, isBalance)),
      )
      .map(({ node }) => context.finding(node, context.text(node))),
};

export const timestampEquality: Check = {
  name: "timestamp-equality",
  against: "a moment that must be exactly the block's",
  find: (context) =>
    context
      .all("BinaryOperation")
      .filter(({ node }) => node.operator === "==" || node.operator === "!=")
      .filter(({ node }) =>
        [node.leftExpression, node.rightExpression].some(
          (side) => context.text(bare(side as Node)) === "block.timestamp",
        ),
      )
      .map(({ node }) => context.finding(node, context.text(node))),
};

export const blockClock: Check = {
  name: "block-clock",
  against: "block numbers or hashes as a clock or as chance",
  find: (context) => [
    ...context
      .all("MemberAccess")
      .filter(
        ({ node }) =>
          (node.expression as Node).name === "block" && ["number", "prevrandao", "difficulty"].includes(memberOf(node)),
      )
      .map(({ node }) => context.finding(node, context.text(node))),
    ...context
      .all("Identifier")
      .filter(({ node }) => node.name === "blockhash")
      .map(({ node }) => context.finding(node, "blockhash")),
  ],
};

export const settingWithoutEvent: Check = {
  name: "setting-without-event",
  against: "a setting that a role changes and that nobody is told of",
  find: (context) =>
    context.functions
      .filter(({ node }) => isEntry(node) && modifierNames(node).includes("restricted"))
      .filter(({ node }) => {
        const kinds = new Set(stepsOf(node, context).map(({ kind }) => kind));
        return kinds.has("write") && !kinds.has("event");
      })
      .map(({ node }) => context.finding(node, "writes and emits nothing")),
};

export const unboundedLoop: Check = {
  name: "unbounded-loop",
  against: "a loop as long as a list in storage, which grows until no block holds it",
  find: (context) =>
    context
      .all("ForStatement", "WhileStatement", "DoWhileStatement")
      .filter(({ node }) => isNode(node.condition))
      .filter(({ node }) => {
        const lengths = new Set<number>();
        contains(node.condition as Node, (each) => {
          const declaration = context.declarationOf(each);
          if (each.nodeType === "Identifier" && declaration?.nodeType === "VariableDeclaration")
            lengths.add(declaration.id);
          return false;
        });
        const isStored = (each: Node) => memberOf(each) === "length" && context.isStorage(each.expression as Node);
        // A length that a local variable holds was read before the loop.
        const held = context
          .all("VariableDeclarationStatement")
          .filter(({ node: { declarations } }) =>
            (declarations as (Node | null)[]).some((each) => each !== null && lengths.has(each.id)),
          )
          .some(({ node: { initialValue } }) => isNode(initialValue) && contains(initialValue, isStored));
        return held || contains(node.condition as Node, isStored);
      })
      .map(({ node }) => context.finding(node, context.text(node.condition as Node))),
};

export const assemblyReturn: Check = {
  name: "assembly-return",
  against: "assembly in an internal function that ends the whole call",
  find: (context) =>
    context
      .all("YulFunctionCall")
      .filter(({ node }) => ["return", "stop"].includes(String((node.functionName as Node).name)))
      .filter(({ parents }) => {
        const within = parents.find(({ nodeType }) => nodeType === "FunctionDefinition");
        return within?.visibility === "internal" || within?.visibility === "private";
      })
      .map(({ node }) => context.finding(node, String((node.functionName as Node).name))),
};
