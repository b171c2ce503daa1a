import { readFileSync } from "node:fs";
import { expect } from "chai";
import { PROFILES } from "../../../deploy/profiles";
import { houseEdgePips } from "../../../sdk/model";
import { formatPips } from "../../../sdk/units";

describe("docs/predictions.md", () => {
  it("states the house edge of every payout that is offered, and of no other", () => {
    const rows = readFileSync("docs/predictions.md", "utf8").match(/^\| \d+% +\| [\d.]+% +\|/gm) ?? [];
    const stated = rows.map((row) => row.split("|").map((cell) => cell.trim()));
    const payouts = new Set(
      PROFILES.flatMap(({ prediction }) => prediction.markets.flatMap(({ periods }) => periods)).map(({ payoutPips }) =>
        BigInt(payoutPips),
      ),
    );
    const expected = [...payouts].map((payout) => [formatPips(payout), formatPips(houseEdgePips(payout))]);
    expect(stated.map(([, payout, edge]) => [payout, edge])).to.have.deep.members(expected);
  });
});
