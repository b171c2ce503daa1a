import { isNode } from "../../lib/ast";
import type { Node } from "../../lib/ast";
import { functionsOf } from "../context";
import type { Check } from "../context";

function documentationOf({ documentation }: Node): string {
  return isNode(documentation) ? String(documentation.text) : "";
}

function isPublic({ visibility, kind }: Node): boolean {
  return (
    (visibility === "external" || visibility === "public") &&
    kind !== "constructor" &&
    kind !== "receive" &&
    kind !== "fallback"
  );
}

export const natspec: Check = {
  name: "natspec",
  against: "an external function, an event or an error that says nothing of itself",
  find: (context) => [
    ...context.contracts
      .filter(({ node }) => node.contractKind !== "library")
      .flatMap(({ node }) => functionsOf(node))
      .filter((node) => isPublic(node) && !/@(notice|dev|inheritdoc)|\w/.test(documentationOf(node)))
      .map((node) => context.finding(node, `function ${String(node.name)}`)),
    ...context
      .all("EventDefinition", "ErrorDefinition")
      .filter(({ node }) => documentationOf(node).trim() === "")
      .map(({ node }) =>
        context.finding(node, `${node.nodeType === "EventDefinition" ? "event" : "error"} ${String(node.name)}`),
      ),
  ],
};
