import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { DEFAULT_PRICES } from "../../kit/replica";
import { confirmed } from "../../kit/desk/Desk";
import { usd } from "../../sdk/units";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { CENT, expectBalanced } from "./support";

const BEHAVIOUR = { reverts: 2n, burnsGas: 3n, bombs: 4n } as const;

/** The desk with one more product, gone wrong: it has 10,000 USDT reserved and nothing else; its ceiling is 0 by now. */
async function rogueFixture() {
  const fixture = await loadFixture(quickRolesDeskFixture);
  const { desk, vault, quickGovernor, guardian, trader, replica } = fixture;
  await desk.setPrices(DEFAULT_PRICES);
  const rogue = await ethers.deployContract("ScriptedProduct", [vault]);
  const usdt = replica.token("USDT");
  const whole = desk.tokenUnits("USDT", 1n);
  await confirmed(vault.connect(quickGovernor).addProduct(rogue));
  await confirmed(vault.connect(quickGovernor).setCeiling(rogue, usdt, 10_000n * whole, 0n));
  await confirmed(usdt.connect(trader).approve(rogue, 2n ** 255n));
  await confirmed(rogue.connect(trader).deposit(usdt, 1n));
  const executor = { account: ZeroAddress, amount: 0n };
  const reserve = 10_000n * whole;
  await confirmed(rogue.open({ token: usdt, reserve, toLiquidity: 0n, toFees: 0n, executor }));
  await confirmed(vault.connect(guardian).cutCeiling(rogue, usdt, 0n));
  await desk.refresh();
  return { ...fixture, rogue, usdt, whole };
}

describe("attacks: products that say what is not so", () => {
  it("A21: of ceiling 0, whatever it says moves NAV by no more than its ledgers hold", async () => {
    const { desk, rogue, alpLens } = await loadFixture(rogueFixture);
    await rogue.tell(0n, 0n, 0n);
    await desk.refresh();
    const before = await alpLens.nav(ZeroAddress);
    for (const [low, high, due] of [
      [usd("1000000000"), usd("1000000000"), 2n ** 256n - 1n],
      [usd("-1000000000"), usd("-1000000000"), 0n],
      [-(2n ** 255n), 2n ** 255n - 1n, 2n ** 255n],
      [2n ** 255n - 1n, -(2n ** 255n), 0n],
    ]) {
      await rogue.tell(low, high, due);
      const nav = await alpLens.nav(ZeroAddress);
      // Nothing to gain but one unit of margin, 10,000 USDT to lose.
      expect(nav.lowUsd - before.lowUsd).to.be.within(usd("-10000") - CENT, CENT);
      expect(nav.highUsd - before.highUsd).to.be.within(usd("-10000") - CENT, CENT);
      expect(nav.dueUsd).to.be.within(0n, CENT);
    }
    await expectBalanced(desk);
  });

  it("A21: a loan taken in as margin is no gain for who burns, though it believes so", async () => {
    const { desk, rogue, alpLens, lp, trader, usdt, whole } = await loadFixture(rogueFixture);
    await rogue.tell(0n, 0n, 0n);
    const shares = 10n ** 21n;
    await desk.refresh();
    const before = await alpLens.previewBurn(ZeroAddress, usdt, shares);
    // Two million of its own, said to be the LPs' already, and given back afterwards.
    await desk.fund(trader, "USDT", 2_000_000n * whole);
    await confirmed(usdt.connect(trader).approve(rogue, 2n ** 255n));
    await confirmed(rogue.connect(trader).deposit(usdt, 2_000_000n * whole));
    await rogue.tell(usd("2000000"), usd("2000000"), 0n);
    await desk.refresh();
    const nav = await alpLens.nav(ZeroAddress);
    const { amountOut } = await alpLens.previewBurn(ZeroAddress, usdt, shares);
    // It counts what a reserve of 10,000 can have at stake, 10 bp of the vault, and not the 20% of the loan.
    expect((amountOut * 10_000n) / before.amountOut).to.be.at.most(10_011n);
    expect(nav.highUsd - nav.lowUsd).to.be.at.least(usd("1900000"));
    await desk.burn(lp, "USDT", shares);
    await expectBalanced(desk);
  });

  for (const name of ["reverts", "burnsGas", "bombs"] as const) {
    it(`A21: one that ${name} refuses mints by name, and stops no burn`, async () => {
      const { desk, rogue, alp, alpManager, alpLens, lp, stranger, usdt, whole } = await loadFixture(rogueFixture);
      await rogue.tell(0n, 0n, 0n);
      await desk.refresh();
      const shares = 10n ** 21n;
      const { amountOut } = await alpLens.previewBurn(ZeroAddress, usdt, shares);
      await rogue.setBehaviour(BEHAVIOUR[name], true);
      await expect(desk.mint(stranger, "USDT", 100n * whole))
        .to.be.revertedWithCustomError(alpManager, "AlpManager_ProductNotValued")
        .withArgs(await rogue.getAddress());
      const supply = await alp.totalSupply();
      const before = await usdt.balanceOf(lp);
      await desk.burn(lp, "USDT", shares);
      const paid = (await usdt.balanceOf(lp)) - before;
      // Its reserve, 10,000 USDT, is taken for lost: the burner's part of it, a tick's confidence aside.
      const part = (10_000n * whole * shares) / supply;
      expect(amountOut - paid).to.be.within(part - part / 10n, part + amountOut / 2_000n);
      await expectBalanced(desk);
    });
  }

  it("A21: brokers' shares of fees that were never taken, or are settled already, take nobody's claim", async () => {
    const { desk, rogue, vault, feeDistributor, brokerRegistry, quickRiskManager, other, trader, keeper, usdt } =
      await loadFixture(rogueFixture);
    const args = [other.address, other.address, 500_000] as const;
    await confirmed(brokerRegistry.connect(quickRiskManager).addBroker(...args));
    await desk.close(trader, keeper, await desk.open(trader, keeper, { mode: "standard", leverage: 100 }));
    const { fees } = await vault.ledger(usdt);
    expect(fees).to.be.greaterThan(0n);
    const address = await rogue.getAddress();
    await ethers.provider.send("hardhat_impersonateAccount", [address]);
    await ethers.provider.send("hardhat_setBalance", [address, "0xde0b6b3a7640000"]);
    const asRogue = feeDistributor.connect(await ethers.getSigner(address));
    for (const fee of [1n, fees, 2n ** 255n, 2n ** 256n - 1n, fees]) {
      await confirmed(asRogue.recordFee(1, usdt, trader, fee));
      expect(await feeDistributor.brokersTotal(usdt)).to.be.at.most(fees);
    }
    expect(await feeDistributor.collectable(usdt)).to.equal(0n);
    expect(await feeDistributor.brokersTotal(usdt)).to.equal(fees);
    await confirmed(feeDistributor.collectBroker(1, usdt));
    // All collected: nothing is left to record a share of.
    await confirmed(asRogue.recordFee(1, usdt, trader, fees));
    expect(await feeDistributor.brokersTotal(usdt)).to.equal(0n);
    await expect(feeDistributor.collect(usdt))
      .to.be.revertedWithCustomError(feeDistributor, "FeeDistributor_NothingToCollect")
      .withArgs(usdt);
    // The next genuine fee is shared as ever.
    await desk.close(trader, keeper, await desk.open(trader, keeper, { mode: "standard", leverage: 100, broker: 1 }));
    const taken = (await vault.ledger(usdt)).fees;
    const recorded = await feeDistributor.brokersTotal(usdt);
    expect(recorded).to.be.closeTo(taken / 2n, 2n);
    await expectBalanced(desk);
  });
});
