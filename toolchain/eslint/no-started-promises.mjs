/**
 * Refuses promises that are started before something else is awaited: a list of them outside of `Promise.all` and its kin, and
 * one that a call or an expectation takes beside an argument that is awaited after it. Meanwhile it may fail with nobody
 * listening, which ends the process or blames whatever runs by then. A list of functions, or a constant for what is awaited,
 * has no such moment.
 */
import { ESLintUtils } from "@typescript-eslint/utils";

function isGatheredByPromise(node) {
  const { callee } = node.parent.type === "CallExpression" ? node.parent : {};
  return callee?.type === "MemberExpression" && callee.object.type === "Identifier" && callee.object.name === "Promise";
}

/** Whether evaluating it waits: functions in it wait later, if ever. */
function isWaiting(node) {
  if (node === null || typeof node !== "object") return false;
  if (Array.isArray(node)) return node.some(isWaiting);
  if (node.type === "AwaitExpression") return true;
  if (typeof node.type !== "string" || /Function/.test(node.type)) return false;
  return Object.entries(node).some(([key, value]) => key !== "parent" && isWaiting(value));
}

/** What `expect` was given, where nothing listens to it before this call's arguments are known. */
function expectedBy(node) {
  let { callee: object } = node;
  while (object.type === "MemberExpression") ({ object } = object);
  const isExpect = object !== node.callee && object.type === "CallExpression" && object.callee.name === "expect";
  return isExpect ? object.arguments.slice(0, 1) : [];
}

export const noStartedPromises = {
  meta: {
    type: "problem",
    docs: {
      description:
        "no promise starts before something else is awaited, but for lists that Promise.all or its kin takes",
    },
    messages: {
      started: "Started here and awaited later, it may fail with nobody listening: list functions instead.",
      overtaken:
        "Started here, before another argument is awaited, it may fail with nobody listening: await that one first.",
    },
    schema: [],
  },
  create(context) {
    const services = ESLintUtils.getParserServices(context);
    const checker = services.program.getTypeChecker();
    const isPromise = (node) => checker.getPromisedTypeOfPromise(services.getTypeAtLocation(node)) !== undefined;
    const started = (element) => {
      if (!element || element.type === "SpreadElement") return [];
      if (element.type !== "ObjectExpression") return isPromise(element) ? [element] : [];
      const values = element.properties.filter(({ type }) => type === "Property").map(({ value }) => value);
      return values.filter((value) => value.type === "CallExpression" && isPromise(value));
    };
    return {
      CallExpression(node) {
        const operands = [...expectedBy(node), ...node.arguments];
        const lastWait = operands.findLastIndex(isWaiting);
        for (const operand of operands.slice(0, Math.max(lastWait, 0))) {
          if (operand.type !== "SpreadElement" && isPromise(operand))
            context.report({ node: operand, messageId: "overtaken" });
        }
      },
      ArrayExpression(node) {
        if (isGatheredByPromise(node)) return;
        for (const element of node.elements.flatMap(started)) context.report({ node: element, messageId: "started" });
      },
    };
  },
};
