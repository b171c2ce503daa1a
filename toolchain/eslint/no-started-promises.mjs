/**
 * Refuses a list of started promises outside of `Promise.all` and its kin: while the first is awaited, the others may fail
 * with nobody listening, which ends the process or blames whatever runs by then. A list of functions has no such moment.
 */
import { ESLintUtils } from "@typescript-eslint/utils";

function isGatheredByPromise(node) {
  const { callee } = node.parent.type === "CallExpression" ? node.parent : {};
  return callee?.type === "MemberExpression" && callee.object.type === "Identifier" && callee.object.name === "Promise";
}

export const noStartedPromises = {
  meta: {
    type: "problem",
    docs: { description: "no promise starts as an element of a list, unless Promise.all or its kin takes the list" },
    messages: { started: "Started here and awaited later, it may fail with nobody listening: list functions instead." },
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
      ArrayExpression(node) {
        if (isGatheredByPromise(node)) return;
        for (const element of node.elements.flatMap(started)) context.report({ node: element, messageId: "started" });
      },
    };
  },
};
