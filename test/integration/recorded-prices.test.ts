import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import hre from "hardhat";
import { Narrator } from "../../scripts/demo/narrator";
import { PricePath } from "../../scripts/demo/path";
import { Stage } from "../../scripts/demo/stage";
import { tellStory } from "../../scripts/demo/story";
import { systemFixture } from "../fixtures/system";

/** Recorded data lie beside the repository, not in it: no source states a licence. */
const SHARED = process.env.ASTERISM_SHARED ?? resolve(__dirname, "../../../shared");
const RECORDED = join(SHARED, "data/prices/BTCUSD_2025-10-10_1s_gemini-spot_liquidation-cascade.csv");

/** 2025-10-10: a quiet hour before noon, and the hour of the cascade. */
const WINDOWS = [
  { name: "a quiet hour", from: Date.UTC(2025, 9, 10, 10) / 1_000, seconds: 7_200 },
  { name: "the cascade", from: Date.UTC(2025, 9, 10, 21, 10) / 1_000, seconds: 3_600 },
];

describe("the story on recorded prices", () => {
  for (const { name, from, seconds } of WINDOWS) {
    it(`is told on ${name}, every amount as in the model`, async function () {
      if (!existsSync(RECORDED)) this.skip();
      const deployment = await loadFixture(systemFixture);
      const path = PricePath.replay(RECORDED, from, seconds);
      const stage = await Stage.open(hre, { ...deployment, ground: "replica" }, path);
      const report = await tellStory(stage, new Narrator(() => {}), "replica");

      expect(report.ledgerBalanced).to.equal(true);
      expect(report.degenLong.leverage).to.equal("1001");
      expect(Number(report.degenLong.payout)).to.be.greaterThan(100);
      expect(report.liquidated.reward).to.not.equal("0");
      expect(report.refused.reason).to.equal("PriceBound");
      expect(report.lp.burned).to.equal(report.lp.minted);
    });
  }
});
