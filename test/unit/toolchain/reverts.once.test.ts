import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { artifacts } from "hardhat";
import ts from "typescript";

const TESTS = "test";
const MATCHER = "revertedWithCustomError";

/** Names of all errors with arguments, of every contract that is compiled here. */
async function errorsWithArguments(): Promise<Set<string>> {
  const names = new Set<string>();
  for (const artifact of await artifacts.getAllFullyQualifiedNames()) {
    const { abi } = await artifacts.readArtifact(artifact);
    for (const { type, name, inputs } of abi as { type: string; name: string; inputs: unknown[] }[]) {
      if (type === "error" && inputs.length > 0) names.add(name);
    }
  }
  return names;
}

/**
 * The expectations of a file's text that name an error and say nothing of what it says: `line: name`. One whose name is no
 * literal has to say so in any case, of an error without arguments with `withArgs()`; none is content with any revert.
 */
function bareIn(text: string, withArguments: ReadonlySet<string>): string[] {
  const source = ts.createSourceFile("test.ts", text, ts.ScriptTarget.Latest, true);
  const bare: string[] = [];
  const lineOf = (node: ts.Node) => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyAccessExpression(node) &&
      node.name.text === "reverted" &&
      /\bto\b/.test(node.expression.getText())
    ) {
      bare.push(`${lineOf(node.name)}: any revert`);
    }
    if (ts.isPropertyAccessExpression(node) && node.name.text === MATCHER) {
      const call = ts.isCallExpression(node.parent) ? node.parent : undefined;
      const name = call?.arguments[1];
      const isTold =
        call !== undefined && ts.isPropertyAccessExpression(call.parent) && call.parent.name.text === "withArgs";
      const isNegated = ts.isPropertyAccessExpression(node.expression) && /\.not\b/.test(node.expression.getText());
      const hasNone = name !== undefined && ts.isStringLiteralLike(name) && !withArguments.has(name.text);
      if (!isTold && !isNegated && !hasNone) {
        bare.push(`${lineOf(node.name)}: ${name?.getText() ?? "no name"}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return bare;
}

describe("expected reverts", () => {
  it("say what the error says: arguments are expected of every error that has any", async () => {
    const withArguments = await errorsWithArguments();
    expect(withArguments.size).to.be.greaterThan(200);
    const files = readdirSync(TESTS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    expect(files.length).to.be.greaterThan(200);
    const bare = files.flatMap((name) =>
      bareIn(readFileSync(join(TESTS, name), "utf8"), withArguments).map((place) => `${join(TESTS, name)}:${place}`),
    );
    expect(bare).to.deep.equal([]);
  });

  it("are found bare wherever they are", () => {
    const withArguments = new Set(["Vault_NothingArrived"]);
    const found = (matcher: string) => bareIn(`await expect(call).to.be.${matcher};`, withArguments);
    expect(found(`${MATCHER}(vault, "Vault_NothingArrived")`)).to.deep.equal(['1: "Vault_NothingArrived"']);
    expect(found(`${MATCHER}(vault, error)`)).to.deep.equal(["1: error"]);
    expect(found(`${MATCHER}(vault, \`Vault_\${name}\`)`)).to.deep.equal(["1: `Vault_${name}`"]);
    expect(found(`${MATCHER}`)).to.deep.equal(["1: no name"]);
    expect(found("reverted")).to.deep.equal(["1: any revert"]);
    expect(found(`${MATCHER}(vault, "Vault_NothingArrived").and.withArgs(1n)`)).to.have.lengthOf(1);
    expect(found(`${MATCHER}(vault, "Vault_NothingArrived").withArgs(token)`)).to.deep.equal([]);
    expect(found(`${MATCHER}(vault, error).withArgs()`)).to.deep.equal([]);
    expect(found(`${MATCHER}(vault, "Vault_AlreadyInitialised")`)).to.deep.equal([]);
    expect(found(`not.${MATCHER}(vault, "Vault_NothingArrived")`)).to.deep.equal([]);
  });
});
