/** Small changes to a source, each of which a test should notice. */
import { createHash } from "node:crypto";
import { findAll, isNode, rangeOf, textOf, typeOf, walk } from "../lib/ast";
import type { Node } from "../lib/ast";

export type Kind =
  | "operator"
  | "comparison"
  | "condition"
  | "constant"
  | "rounding"
  | "removed check"
  | "removed call"
  | "removed write"
  | "removed event"
  | "removed modifier"
  | "swapped arguments"
  | "assembly";

export interface Mutant {
  /** Stands still while other lines of the file change: of the function, the change and how often both came before. */
  id: string;
  file: string;
  /** Name of the function, or of the constant. */
  scope: string;
  /** Its id in the trees. */
  declaration: number;
  kind: Kind;
  line: number;
  /** In bytes of the source. */
  start: number;
  end: number;
  original: string;
  replacement: string;
}

type Draft = Pick<Mutant, "kind" | "start" | "end" | "replacement">;

const OPERATORS: Readonly<Record<string, string>> = {
  ...{ "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*" },
  ...{ "&": "|", "|": "&", "^": "&", "<<": ">>", ">>": "<<", "&&": "||", "||": "&&" },
  ...{ "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|=", "<<=": ">>=", ">>=": "<<=" },
};
/** The bound moved by one, and the statement turned round. */
const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  ...{ "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="] },
};
/** Of a name's end: the other direction. */
const DIRECTIONS: readonly (readonly [string, string])[] = [
  ["Up", "Down"],
  ["Down", "Up"],
  ["Ceil", "Floor"],
  ["Floor", "Ceil"],
];
const YUL: Readonly<Record<string, string>> = {
  ...{ shl: "shr", shr: "shl", and: "or", or: "and", add: "sub", sub: "add", mul: "div", div: "mul" },
  ...{ lt: "gt", gt: "lt", slt: "sgt", sgt: "slt", eq: "lt", iszero: "not", not: "iszero" },
};

/** Every mutant of a file, in the order of the source. */
export function mutantsOf(file: string, tree: Node, source: string): Mutant[] {
  const bytes = Buffer.from(source, "utf8");
  const text = (start: number, end: number) => bytes.subarray(start, end).toString("utf8");
  const seen = new Map<string, number>();
  const drafts = scopesOf(tree).flatMap(({ scope, declaration, node }) => {
    const found: Draft[] = [];
    walk(node, (each, parents) => found.push(...draftsOf(each, parents, source)));
    return found.map((draft) => ({ ...draft, scope, declaration }));
  });
  return drafts
    .sort((a, b) => a.start - b.start)
    .map((draft) => {
      const original = text(draft.start, draft.end);
      const key = [file, draft.scope, draft.kind, original, draft.replacement].join("\n");
      const nth = seen.get(key) ?? 0;
      seen.set(key, nth + 1);
      const id = createHash("sha256").update(`${key}\n${nth}`).digest("hex").slice(0, 10);
      return { ...draft, id, file, original, line: text(0, draft.start).split("\n").length };
    });
}

/** The source with a mutant in it. */
export function mutated(source: string, { start, end, replacement }: Mutant): string {
  const bytes = Buffer.from(source, "utf8");
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(replacement), bytes.subarray(end)]).toString("utf8");
}

/** What has code, and the constants that are numbers. */
function scopesOf(tree: Node): { scope: string; declaration: number; node: Node }[] {
  const functions = findAll(tree, "FunctionDefinition", "ModifierDefinition")
    .filter(({ node }) => isNode(node.body))
    .map(({ node }) => ({ scope: String(node.name || node.kind), declaration: node.id, node }));
  const constants = findAll(tree, "VariableDeclaration")
    .filter(({ node }) => node.constant === true && isNode(node.value))
    .map(({ node }) => ({ scope: String(node.name), declaration: node.id, node: node.value as Node }));
  return [...functions, ...constants];
}

function draftsOf(node: Node, parents: readonly Node[], source: string): Draft[] {
  const { start, end } = rangeOf(node);
  const whole = (kind: Kind, replacement: string): Draft => ({ kind, start, end, replacement });
  switch (node.nodeType) {
    case "BinaryOperation":
      return binaryDrafts(node, source);
    case "Assignment":
      return assignmentDrafts(node, source);
    case "UnaryOperation":
      return node.operator === "!" ? [whole("condition", textOf(node.subExpression as Node, source))] : [];
    case "Conditional": {
      const [condition, yes, no] = [node.condition, node.trueExpression, node.falseExpression] as Node[];
      return [whole("condition", `${textOf(condition, source)} ? ${textOf(no, source)} : ${textOf(yes, source)}`)];
    }
    case "IfStatement":
      return ifDrafts(node, source);
    case "Literal":
      return node.kind === "number" && !isInHeader(node, parents)
        ? [whole("constant", nextOf(textOf(node, source)))]
        : [];
    case "Identifier":
    case "MemberAccess":
      return roundingDrafts(node);
    case "ExpressionStatement":
      return statementDrafts(node, source);
    case "EmitStatement":
      return [{ kind: "removed event", start, end: end + closing(source, end), replacement: "{}" }];
    case "ModifierInvocation":
      return node.kind === "modifierInvocation" ? [whole("removed modifier", "")] : [];
    case "FunctionCall":
      return swapDrafts(node, source);
    case "YulFunctionCall":
      return yulDrafts(node);
    case "YulLiteral":
      return node.kind === "number" ? [whole("assembly", nextOf(String(node.value)))] : [];
    default:
      return [];
  }
}

function nextOf(literal: string): string {
  const plain = literal.replaceAll("_", "");
  // A literal with a unit after it, an exponent or a fraction: one more of the whole.
  if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(plain)) return `(${literal} + 1)`;
  return plain.startsWith("0x") ? `0x${(BigInt(plain) + 1n).toString(16)}` : (BigInt(plain) + 1n).toString();
}

/** A loop's own counting: a change there ends no test, it makes it endless. */
function isInHeader(node: Node, parents: readonly Node[]): boolean {
  const loop = parents.find(({ nodeType }) => nodeType === "ForStatement");
  return loop !== undefined && isNode(loop.body) && rangeOf(node).start < rangeOf(loop.body).start;
}

function betweenDraft(kind: Kind, node: Node, [left, right]: [Node, Node], source: string, to: string): Draft {
  const { end: from } = rangeOf(left);
  const { start: until } = rangeOf(right);
  const between = Buffer.from(source, "utf8").subarray(from, until).toString("utf8");
  return { kind, start: from, end: until, replacement: between.replace(String(node.operator), to) };
}

function binaryDrafts(node: Node, source: string): Draft[] {
  const sides: [Node, Node] = [node.leftExpression as Node, node.rightExpression as Node];
  const operator = String(node.operator);
  const comparisons = COMPARISONS[operator] ?? [];
  const other = OPERATORS[operator];
  return [
    ...comparisons.map((to) => betweenDraft("comparison", node, sides, source, to)),
    ...(other === undefined ? [] : [betweenDraft("operator", node, sides, source, other)]),
  ];
}

function assignmentDrafts(node: Node, source: string): Draft[] {
  const other = OPERATORS[String(node.operator)];
  const sides: [Node, Node] = [node.leftHandSide as Node, node.rightHandSide as Node];
  return other === undefined ? [] : [betweenDraft("operator", node, sides, source, other)];
}

function ifDrafts(node: Node, source: string): Draft[] {
  const { start, end } = rangeOf(node);
  const condition = node.condition as Node;
  const body = node.trueBody as Node;
  const statements = body.nodeType === "Block" ? (body.statements as Node[]) : [body];
  const refuses = statements.length === 1 && statements[0].nodeType === "RevertStatement" && !isNode(node.falseBody);
  if (refuses) return [{ kind: "removed check", start, end: end + closing(source, end), replacement: "{}" }];
  if (condition.nodeType === "BinaryOperation" || condition.nodeType === "UnaryOperation") return [];
  return [{ kind: "condition", ...rangeOf(condition), replacement: `!(${textOf(condition, source)})` }];
}

function roundingDrafts(node: Node): Draft[] {
  const name = String(node.nodeType === "MemberAccess" ? node.memberName : node.name);
  const direction = DIRECTIONS.find(([from]) => name.endsWith(from));
  if (direction === undefined) return [];
  const { end } = rangeOf(node);
  return [{ kind: "rounding", start: end - direction[0].length, end, replacement: direction[1] }];
}

function statementDrafts(node: Node, source: string): Draft[] {
  const { start, end } = rangeOf(node);
  const expression = node.expression as Node;
  const gone = (kind: Kind): Draft[] => [{ kind, start, end: end + closing(source, end), replacement: "{}" }];
  if (expression.nodeType === "Assignment") return gone("removed write");
  if (expression.nodeType === "UnaryOperation" && expression.operator === "delete") return gone("removed write");
  if (expression.nodeType !== "FunctionCall" || expression.kind !== "functionCall") return [];
  const called = (expression.expression as Node).name;
  return gone(called === "require" || called === "assert" ? "removed check" : "removed call");
}

/** 1 where a statement's semicolon is not in its own range. */
function closing(source: string, end: number): number {
  return Buffer.from(source, "utf8")
    .subarray(end, end + 1)
    .toString("utf8") === ";"
    ? 1
    : 0;
}

/** The first two neighbouring arguments of the same type. */
function swapDrafts(node: Node, source: string): Draft[] {
  if (node.kind !== "functionCall") return [];
  const given = node.arguments as Node[];
  const sameType = (index: number) =>
    typeOf(given[index]) === typeOf(given[index + 1]) &&
    textOf(given[index], source) !== textOf(given[index + 1], source);
  const first = given.findIndex((_, index) => index + 1 < given.length && sameType(index));
  if (first < 0) return [];
  const [a, b] = [given[first], given[first + 1]];
  const { start } = rangeOf(a);
  const { end } = rangeOf(b);
  const between = Buffer.from(source, "utf8").subarray(rangeOf(a).end, rangeOf(b).start).toString("utf8");
  const replacement = `${textOf(b, source)}${between}${textOf(a, source)}`;
  return [{ kind: "swapped arguments", start, end, replacement }];
}

function yulDrafts(node: Node): Draft[] {
  const name = node.functionName as Node;
  const other = YUL[String(name.name)];
  return other === undefined ? [] : [{ kind: "assembly", ...rangeOf(name), replacement: other }];
}
