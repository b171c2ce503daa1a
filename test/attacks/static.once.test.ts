import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

/** The system's own sources, without the test code, by path. */
function sources(): Map<string, string> {
  const names = readdirSync("contracts", { recursive: true, encoding: "utf8" });
  const own = names.filter((name) => name.endsWith(".sol") && !/^(test|replica)\//.test(name));
  return new Map(own.map((name) => [name, withoutComments(readFileSync(join("contracts", name), "utf8"))]));
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}

/** Files whose code matches, each with the first match. */
function filesWith(pattern: RegExp): string[] {
  return [...sources()].filter(([, code]) => pattern.test(code)).map(([name]) => name);
}

describe("attacks: static checks of the sources", () => {
  it("finds the sources", () => {
    expect(sources().size).to.be.greaterThan(40);
    expect([...sources().keys()]).to.include("vault/Vault.sol");
  });

  it("X22: nothing asks who signed the transaction, nor whether an account has no code", () => {
    expect(filesWith(/\btx\s*\.\s*origin\b|\borigin\s*\(\s*\)/)).to.deep.equal([]);
    // Whether a target is a contract is asked; of whoever calls, never.
    expect(
      filesWith(/Contract\s*\(\s*(msg\.sender|_msgSender)|code\.length\s*==\s*0\s*&&\s*msg\.sender|msg\.sender\.code/),
    ).to.deep.equal([]);
  });

  it("O21: no clock counts blocks", () => {
    expect(filesWith(/\bblock\s*\.\s*number\b|\bnumber\s*\(\s*\)|\bblockhash\b|ArbSys/)).to.deep.equal([]);
  });

  it("leaves no debugging behind", () => {
    expect(filesWith(/hardhat\/console|console2?\.log|forge-std/)).to.deep.equal([]);
  });

  it("S04: nothing delegates but to linked libraries; only the Router, which holds nothing, calls itself", () => {
    expect(filesWith(/delegatecall|callcode|selfdestruct/i)).to.deep.equal([]);
    expect(filesWith(/multicall/i)).to.deep.equal(["interfaces/IRouter.sol", "periphery/Router.sol"]);
    // What came with the outermost call is counted down from; nothing inside of it looks at the value again.
    // ProLens lends it to a call that always reverts, and gives it back.
    expect(filesWith(/msg\.value/).filter((file) => file.startsWith("periphery/"))).to.deep.equal([
      "periphery/Router.sol",
      "periphery/lens/ProLens.sol",
    ]);
    expect([...(sources().get("periphery/Router.sol") ?? "").matchAll(/msg\.value/g)]).to.have.lengthOf(1);
  });

  it("S05: no proxy, no initialiser of one, no storage slot of a caller's choice", () => {
    expect(filesWith(/Upgradeable|ERC1967|Initializable|UUPS/)).to.deep.equal([]);
    // Packed records: their slots are the compiler's.
    const packed = ["trading/BookLib.sol", "types/Close.sol", "types/Trade.sol", "vault/LedgerLib.sol"];
    expect(packed).to.include.members(filesWith(/\bsstore\b/));
  });

  it("L04: no failure is caught by its text", () => {
    expect(filesWith(/catch\s+Error\s*\(|catch\s+Panic\s*\(|catch\s*\{/)).to.deep.equal([]);
  });

  it("X20: no price is read off an automated market maker", () => {
    expect(filesWith(/getReserves|slot0|getAmountsOut|get_virtual_price|\bquoter\b/i)).to.deep.equal([]);
  });

  it("X02: no trusted forwarder may speak for another", () => {
    expect(filesWith(/ERC2771|TrustedForwarder|MinimalForwarder|_contextSuffixLength/i)).to.deep.equal([]);
  });

  it("O03: prices stored in Pyth are never read, nor stored there", () => {
    expect(
      filesWith(/getPrice(Unsafe|NoOlderThan)?\s*\(|getEmaPrice|getPriceNoOlderThan|updatePriceFeeds/),
    ).to.deep.equal([]);
    // But for when one was published: its word of the answer is the fourth, and no other is read.
    expect(filesWith(/getPriceUnsafe/)).to.deep.equal(["oracle/adapters/PythAdapter.sol"]);
    const adapter = sources().get("oracle/adapters/PythAdapter.sol") ?? "";
    const reading = /function storedPublishTime[\s\S]*?\n {4}\}/.exec(adapter)?.[0] ?? "";
    expect(reading.match(/getPriceUnsafe/g)).to.have.lengthOf(adapter.match(/getPriceUnsafe/g)?.length ?? -1);
    expect(reading.match(/mload\(add\(stored[^)]*\)\)/g)).to.deep.equal(["mload(add(stored, 0x60))"]);
    expect(filesWith(/storedPublishTime\s*\(/)).to.have.members([
      "oracle/PriceAggregator.sol",
      "oracle/adapters/PythAdapter.sol",
    ]);
  });

  it("V02: a balance is read only to measure what arrives", () => {
    expect(filesWith(/balanceOf\s*\(\s*address\s*\(\s*this\s*\)\s*\)/)).to.deep.equal([
      "deployment/WrapProbe.sol",
      "periphery/Router.sol",
      "vault/Vault.sol",
    ]);
  });
});
