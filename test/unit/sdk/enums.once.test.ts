import { readFileSync } from "node:fs";
import { expect } from "chai";
import { BetAction, BetStatus, BookStatus, CloseKind, SlippageModel, TradeStatus, nameOf } from "../../../sdk/enums";

/** Where each is declared; outcomes and reasons are compared with their words. */
const DECLARED = {
  "contracts/types/Trade.sol": { TradeStatus },
  "contracts/types/Close.sol": { CloseKind },
  "contracts/types/Book.sol": { BookStatus, SlippageModel },
  "contracts/types/Bet.sol": { BetStatus },
  "contracts/interfaces/IPredictionLens.sol": { BetAction },
} as const;

describe("sdk/enums", () => {
  it("are those of the contracts, in their order", () => {
    for (const [file, enums] of Object.entries(DECLARED)) {
      const source = readFileSync(file, "utf8");
      for (const [name, values] of Object.entries(enums) as [string, readonly string[]][]) {
        const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
        expect(body.match(/\w+/g), name).to.deep.equal([...values]);
      }
    }
  });

  it("have no name for a number that is none of theirs", () => {
    expect(nameOf(BetStatus, 2n)).to.equal("Struck");
    expect(() => nameOf(BetStatus, 3n)).to.throw("no name for 3 among None, Requested, Struck");
  });
});
