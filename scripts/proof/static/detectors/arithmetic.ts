import { isNode } from "../../lib/ast";
import type { Node } from "../../lib/ast";
import { bare, calleeOf, memberOf, typeStringOf } from "../context";
import type { Check, Context } from "../context";

const WORD_BITS = 256;
/** Seconds for 34,000 years. */
const TIMESTAMP_BITS = 40;

interface Width {
  bits: number;
  isSigned: boolean;
}

function widthOf(type: string): Width | undefined {
  const [, sign, bits] = /^(u?)int(\d+)$/.exec(type) ?? [];
  return bits === undefined ? undefined : { bits: Number(bits), isSigned: sign === "" };
}

/** The number that a literal or a constant with a literal's value is. */
function numberOf(node: Node, context: Context): bigint | undefined {
  const type = /^int_const (\d+)$/.exec(typeStringOf(node));
  if (type !== null) return BigInt(type[1]);
  const declaration = context.declarationOf(node);
  if (declaration?.constant === true && isNode(declaration.value)) return numberOf(bare(declaration.value), context);
  const limit = /^type\(uint(\d+)\)\.max$/.exec(context.text(node));
  return limit === null ? undefined : (1n << BigInt(limit[1])) - 1n;
}

/** Bits that a value can have at most, by how it is computed. */
function bitsOf(expression: Node, context: Context): number {
  const node = bare(expression);
  const known = numberOf(node, context);
  if (known !== undefined) return known.toString(2).length;
  if (context.text(node) === "block.timestamp") return TIMESTAMP_BITS;
  const typed = widthOf(typeStringOf(node))?.bits ?? WORD_BITS;
  if (node.nodeType === "BinaryOperation") {
    const [left, right] = [node.leftExpression as Node, node.rightExpression as Node];
    const amount = numberOf(bare(right), context);
    if (node.operator === "&") return Math.min(bitsOf(left, context), bitsOf(right, context));
    if (node.operator === "|") return Math.max(bitsOf(left, context), bitsOf(right, context));
    if (node.operator === ">>" && amount !== undefined) return Math.max(1, bitsOf(left, context) - Number(amount));
    if (node.operator === "%" && amount !== undefined) return (amount - 1n).toString(2).length;
    if (node.operator === "/")
      return bitsOf(left, context) - (amount === undefined ? 0 : amount.toString(2).length - 1);
  }
  if (node.nodeType === "FunctionCall" && node.kind === "typeConversion") {
    return Math.min(typed, bitsOf((node.arguments as Node[])[0], context));
  }
  return typed;
}

/** Part of a packed word: what a shift leaves in its width; or its bits read with their sign. */
function isField(argument: Node, bits: number, context: Context): boolean {
  const node = bare(argument);
  if (/^(\w+\.unwrap\(\w+\)|\w*([wW]ord|head_|body_|limits|settings|ref|id|scope))( >> \w+)?$/.test(context.text(node)))
    return true;
  if (node.nodeType === "BinaryOperation" && node.operator === ">>") return true;
  return (
    node.nodeType === "FunctionCall" && node.kind === "typeConversion" && widthOf(typeStringOf(node))?.bits === bits
  );
}

/** `x < 0 ? -x : x` is not below 0. */
function isMagnitude(argument: Node): boolean {
  const node = bare(argument);
  if (node.nodeType !== "Conditional") return false;
  const { nodeType, operator } = bare(node.condition as Node);
  return nodeType === "BinaryOperation" && ["<", ">", "<=", ">="].includes(String(operator));
}

/** A comment on the line of a statement or in the lines right above it, where the bound stands. */
function hasBound(node: Node, parents: readonly Node[], context: Context): boolean {
  const lines = context.sourceOf(context.fileOfNode(node)).split("\n");
  const statement = parents.find(({ nodeType }) => /Statement$|^Return$|^VariableDeclaration$/.test(nodeType));
  const [at, from] = [node, statement ?? node].map((each) => context.finding(each, "").line - 1);
  const near = lines.slice(Math.max(0, from - 1), at + 1);
  if (near.some((line) => /\/\//.test(line))) return true;
  // One line above several statements in a row that all need it.
  for (let line = from - 1; line > Math.max(0, from - 8); line--) {
    if (/\/\//.test(lines[line])) return true;
    if (lines[line].trim() === "" || /[{}]\s*$/.test(lines[line])) return false;
  }
  return false;
}

export const narrowingCast: Check = {
  name: "narrowing-cast",
  against: "a cast that can lose bits or a sign, without the bound that keeps it from doing so on the line above",
  find: (context) =>
    context
      .all("FunctionCall")
      .filter(({ node }) => node.kind === "typeConversion")
      .filter(({ node, parents, file }) => {
        const argument = (node.arguments as Node[])[0];
        const [from, to] = [widthOf(typeStringOf(argument)), widthOf(typeStringOf(node))];
        if (from === undefined || to === undefined) return false;
        const bits = bitsOf(argument, context);
        const room = to.isSigned && !from.isSigned ? to.bits - 1 : to.bits;
        const losesSign = from.isSigned && !to.isSigned;
        if (bits <= room && !losesSign) return false;
        if (isField(argument, to.bits, context) && /\/(types\/|LedgerLib|PackedPrice|ProStateLib)/.test(file))
          return false;
        if (losesSign && isMagnitude(argument)) return false;
        return !hasBound(node, parents, context);
      })
      .map(({ node }) => context.finding(node, context.text(node))),
};

function isDivision(node: Node): boolean {
  const inner = bare(node);
  if (inner.nodeType === "BinaryOperation") return inner.operator === "/";
  if (inner.nodeType !== "FunctionCall") return false;
  return ["mulDiv", "ceilDiv"].includes(memberOf(calleeOf(inner)));
}

export const divideBeforeMultiply: Check = {
  name: "divide-before-multiply",
  against: "a product with a quotient in it: what the division drops is multiplied",
  find: (context) =>
    context
      .all("BinaryOperation")
      .filter(
        ({ node }) =>
          node.operator === "*" && [node.leftExpression, node.rightExpression].some((side) => isDivision(side as Node)),
      )
      // Constants divide exactly, or the compiler refuses them.
      .filter(({ node }) => !constantDivision(node, context))
      .map(({ node }) => context.finding(node, context.text(node))),
};

function constantDivision(node: Node, context: Context): boolean {
  const quotient = bare((isDivision(node.leftExpression as Node) ? node.leftExpression : node.rightExpression) as Node);
  if (quotient.nodeType !== "BinaryOperation") return false;
  const [a, b] = [quotient.leftExpression, quotient.rightExpression].map(
    (side) => numberOf(bare(side as Node), context) ?? constantOf(side as Node, context),
  );
  return a !== undefined && b !== undefined && b !== 0n && a % b === 0n;
}

/** Of literals such as 1e18. */
function constantOf(node: Node, context: Context): bigint | undefined {
  const match = /^(\d+)(?:e(\d+))?$/.exec(context.text(bare(node)).replaceAll("_", ""));
  return match === null ? undefined : BigInt(match[1]) * 10n ** BigInt(match[2] ?? "0");
}

export const tautology: Check = {
  name: "tautology",
  against: "an unsigned number compared with 0 as if it could be below",
  find: (context) =>
    context
      .all("BinaryOperation")
      .filter(({ node }) => {
        const [left, right] = [node.leftExpression as Node, node.rightExpression as Node];
        const isUnsigned = (side: Node) => typeStringOf(side).startsWith("uint");
        const isZero = (side: Node) => numberOf(bare(side), context) === 0n;
        return (
          ((node.operator === ">=" || node.operator === "<") && isUnsigned(left) && isZero(right)) ||
          ((node.operator === "<=" || node.operator === ">") && isUnsigned(right) && isZero(left))
        );
      })
      .map(({ node }) => context.finding(node, context.text(node))),
};

export const caretPower: Check = {
  name: "caret-power",
  against: "`^` between two literals, which is no power",
  find: (context) =>
    context
      .all("BinaryOperation")
      .filter(
        ({ node }) =>
          node.operator === "^" &&
          [node.leftExpression, node.rightExpression].every((side) => (side as Node).nodeType === "Literal"),
      )
      .map(({ node }) => context.finding(node, context.text(node))),
};

export const shiftOrder: Check = {
  name: "shift-order",
  against: "a shift in assembly by what is not a literal of one that is: the amount comes first",
  find: (context) =>
    context
      .all("YulFunctionCall")
      .filter(({ node }) => ["shl", "shr", "sar"].includes(String((node.functionName as Node).name)))
      .filter(({ node }) => {
        const [amount, value] = node.arguments as Node[];
        return (
          amount.nodeType !== "YulLiteral" &&
          value.nodeType === "YulLiteral" &&
          Number(value.value) < WORD_BITS &&
          Number(value.value) > 1
        );
      })
      .map(({ node }) => context.finding(node, "the amount comes first")),
};
