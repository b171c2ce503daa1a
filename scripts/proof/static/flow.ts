/** What an entry does, in the order of the source, with the functions that it calls in place of their calls. */
import { childrenOf, isNode } from "../lib/ast";
import type { Node } from "../lib/ast";
import { calleeOf, memberOf, typeStringOf } from "./context";
import type { Context } from "./context";

export interface Step {
  kind: "call" | "write" | "event" | "sender";
  node: Node;
}

const LOW_LEVEL = new Set(["call", "delegatecall", "send", "transfer"]);
/** Deeper than any chain of calls here. */
const MAX_DEPTH = 24;

/** Roles are asked for at the project's own AccessManager, which governance alone can replace. */
const OF_ROLES = /\/access\/manager\//;

/** Steps of a function and of all that it calls within its own code. Loops count once. */
export function stepsOf(start: Node, context: Context): Step[] {
  const steps: Step[] = [];
  const known = new Map<number, Step[]>();
  const visit = (node: Node, into: Step[], depth: number): void => {
    // What is assigned is computed before it is written.
    for (const child of childrenOf(node)) visit(child, into, depth);
    if (node.nodeType === "EmitStatement") into.push({ kind: "event", node });
    if (node.nodeType === "MemberAccess" && context.text(node) === "msg.sender") into.push({ kind: "sender", node });
    if (node.nodeType === "Assignment" && context.isStorage(node.leftHandSide as Node))
      into.push({ kind: "write", node });
    const operator = String(node.operator);
    if (node.nodeType === "UnaryOperation" && ["delete", "++", "--"].includes(operator)) {
      if (context.isStorage(node.subExpression as Node)) into.push({ kind: "write", node });
    }
    if (node.nodeType === "YulFunctionCall" && (node.functionName as Node).name === "sstore")
      into.push({ kind: "write", node });
    if (node.nodeType !== "FunctionCall" || node.kind !== "functionCall") return;
    if (isForeign(node, context)) into.push({ kind: "call", node });
    const target = context.declarationOf(calleeOf(node));
    if (target?.nodeType === "FunctionDefinition" && isNode(target.body) && depth < MAX_DEPTH)
      into.push(...of(target, depth + 1));
  };
  const of = (node: Node, depth: number): Step[] => {
    const before = known.get(node.id);
    if (before !== undefined) return before;
    // A function that calls itself adds nothing to itself.
    known.set(node.id, []);
    const found: Step[] = [];
    if (OF_ROLES.test(context.fileOfNode(node))) return found;
    for (const { modifierName } of (node.modifiers ?? []) as Node[]) {
      const modifier = context.declarationOf(modifierName);
      if (modifier?.nodeType === "ModifierDefinition" && !OF_ROLES.test(context.fileOfNode(modifier)))
        visit(modifier.body as Node, found, depth);
    }
    visit(node.body as Node, found, depth);
    known.set(node.id, found);
    return found;
  };
  steps.push(...of(start, 0));
  return steps;
}

/** Whether a call gives another contract the turn: low-level ones, and external ones that may change state. */
function isForeign(call: Node, context: Context): boolean {
  const callee = calleeOf(call);
  const member = memberOf(callee);
  const type = typeStringOf(callee);
  if (LOW_LEVEL.has(member) && typeStringOf((callee.expression ?? callee) as Node).startsWith("address")) return true;
  if (!/^function .* external/.test(type) || / (view|pure)/.test(type.split(" returns ")[0])) return false;
  const target = context.declarationOf(callee);
  const owner = target === undefined ? undefined : context.contractOf(target);
  return owner?.contractKind !== "library";
}
