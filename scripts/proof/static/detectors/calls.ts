import { findAll, isNode } from "../../lib/ast";
import type { Node } from "../../lib/ast";
import { bare, calleeOf, contains, isEntry, memberOf, modifierNames, typeStringOf } from "../context";
import type { Check, Context } from "../context";
import { stepsOf } from "../flow";

const LOW_LEVEL = ["call", "staticcall", "delegatecall", "send"];
/** Keep a function from being entered again. */
const LOCKS = ["nonReentrant", "lockedAgainstReentry"];

function isLowLevel(call: Node): boolean {
  const callee = calleeOf(call);
  return (
    call.kind === "functionCall" &&
    LOW_LEVEL.includes(memberOf(callee)) &&
    typeStringOf(callee.expression as Node).startsWith("address")
  );
}

export const reentrancy: Check = {
  name: "reentrancy",
  against: "an entry without a lock that writes after it has called another contract",
  find: (context) =>
    context.functions
      .filter(({ node, contract }) => isEntry(node) && contract.contractKind === "contract")
      .filter(({ node }) => !modifierNames(node).some((name) => LOCKS.includes(name)))
      .filter(({ node }) => {
        const kinds = stepsOf(node, context).map(({ kind }) => kind);
        const first = kinds.indexOf("call");
        return first >= 0 && kinds.lastIndexOf("write") > first;
      })
      .map(({ node }) => context.finding(node, "writes after a call")),
};

export const ignoredReturn: Check = {
  name: "ignored-return",
  against: "a call of another contract whose answer nobody looks at",
  find: (context) =>
    context
      .all("ExpressionStatement")
      .filter(({ node: { expression } }) => {
        const call = expression as Node;
        if (call.nodeType !== "FunctionCall" || call.kind !== "functionCall") return false;
        return (
          typeStringOf(call) !== "tuple()" &&
          (isLowLevel(call) || /^function .* external/.test(typeStringOf(calleeOf(call))))
        );
      })
      .map(({ node }) => context.finding(node, context.text(node))),
};

export const ignoredSuccess: Check = {
  name: "ignored-success",
  against: "a low-level call whose success nobody looks at",
  find: (context) =>
    context
      .all("VariableDeclarationStatement")
      .filter(
        ({ node: { initialValue } }) =>
          isNode(initialValue) && initialValue.nodeType === "FunctionCall" && isLowLevel(initialValue),
      )
      .filter(({ node, parents }) => {
        const [success] = node.declarations as (Node | null)[];
        if (success === null) return true;
        const body = parents.find(
          ({ nodeType }) => nodeType === "FunctionDefinition" || nodeType === "ModifierDefinition",
        );
        return (
          body === undefined ||
          !contains(
            body,
            ({ nodeType, referencedDeclaration }) => nodeType === "Identifier" && referencedDeclaration === success.id,
          )
        );
      })
      .map(({ node }) => context.finding(node, context.text(node))),
};

export const delegatecall: Check = {
  name: "delegatecall",
  against: "code of another address run as the contract's own, or the contract's end",
  find: (context) => [
    ...context
      .all("MemberAccess")
      .filter(({ node }) => ["delegatecall", "callcode"].includes(memberOf(node)))
      .map(({ node }) => context.finding(node, context.text(node))),
    ...context
      .all("YulFunctionCall")
      .filter(({ node }) =>
        ["delegatecall", "callcode", "selfdestruct"].includes(String((node.functionName as Node).name)),
      )
      .map(({ node }) => context.finding(node, String((node.functionName as Node).name))),
    ...context
      .all("Identifier")
      .filter(({ node }) => node.name === "selfdestruct")
      .map(({ node }) => context.finding(node, "selfdestruct")),
  ],
};

const LOOPS = ["ForStatement", "WhileStatement", "DoWhileStatement"];

function isMsgValue(node: Node): boolean {
  return memberOf(node) === "value" && (node.expression as Node).name === "msg";
}

export const msgValueInLoop: Check = {
  name: "msg-value-in-loop",
  against: "the value that came with a call counted again in every round",
  find: (context) =>
    context
      .all("MemberAccess")
      .filter(({ node, parents }) => isMsgValue(node) && parents.some(({ nodeType }) => LOOPS.includes(nodeType)))
      .map(({ node }) => context.finding(node, context.text(node))),
};

export const lockedEther: Check = {
  name: "locked-ether",
  against: "a contract that takes native coin and has no way to give any",
  find: (context) =>
    context.contracts
      .filter(({ node }) => node.contractKind === "contract" && node.abstract !== true)
      .filter(({ node }) => {
        const functions = context
          .linearized(node)
          .flatMap((base) => (base.nodes as Node[]).filter(({ nodeType }) => nodeType === "FunctionDefinition"));
        const takes = functions.some(
          ({ stateMutability, kind }) => stateMutability === "payable" && kind !== "constructor",
        );
        return takes && !functions.some((each) => isNode(each.body) && sends(each, context, new Set()));
      })
      .map(({ node }) => context.finding(node, "takes native coin and gives none")),
};

function sends(node: Node, context: Context, seen: Set<number>): boolean {
  if (seen.has(node.id)) return false;
  seen.add(node.id);
  if (contains(node, (each) => each.nodeType === "FunctionCallOptions" && (each.names as string[]).includes("value")))
    return true;
  if (contains(node, (each) => each.nodeType === "YulFunctionCall" && (each.functionName as Node).name === "call"))
    return true;
  if (
    contains(
      node,
      (each) =>
        ["transfer", "send"].includes(memberOf(each)) &&
        typeStringOf(each.expression as Node).startsWith("address payable"),
    )
  )
    return true;
  // Linked libraries send in the contract's name.
  const called = findAll(node, "FunctionCall").map(({ node: call }) => context.declarationOf(calleeOf(call)));
  return called.some(
    (target) => target?.nodeType === "FunctionDefinition" && isNode(target.body) && sends(target, context, seen),
  );
}

export const encodePacked: Check = {
  name: "encode-packed",
  against: "two texts of any length put together without a mark between them",
  find: (context) =>
    context
      .all("FunctionCall")
      .filter(({ node }) => memberOf(calleeOf(node)) === "encodePacked")
      .filter(
        ({ node }) =>
          (node.arguments as Node[]).filter((each) => /^(string|bytes) |^bytes$|\[\]/.test(typeStringOf(bare(each))))
            .length > 1,
      )
      .map(({ node }) => context.finding(node, context.text(node))),
};
