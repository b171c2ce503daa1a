import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { ASSET_KEYS } from "../../deploy/profiles";
import { DEFAULT_PRICES } from "../../kit/replica";
import { confirmed } from "../../kit/desk/Desk";
import { DEAD_SHARES } from "../../sdk/model";
import { px, usd } from "../../sdk/units";
import { emptyDeskFixture } from "../fixtures/desk";
import { CENT, expectBalanced, holdingsOf, loadDesk, navOf, openedDesk, tokenWealthOf } from "./support";
import { revertOf } from "../dsl/reverts";

/** Of a first mint: no asset is nearer its target than another. */
const MINT_FEE_PIPS = 2_500n;

/** The system without liquidity, at the default prices. */
async function emptyDesk() {
  const fixture = await loadFixture(emptyDeskFixture);
  await fixture.desk.setPrices(DEFAULT_PRICES);
  return fixture;
}

describe("attacks: liquidity and net asset value", () => {
  it("V01 A13 I17: a first depositor cannot inflate the share, at the start nor after everybody has left", async () => {
    const { desk, stranger, lp, alp, alpManager, alpLens, replica, vault, profile } = await emptyDesk();
    const token = await replica.token("USDT").getAddress();
    const whole = desk.tokenUnits("USDT", 1n);
    // One unit, or anything below the dead shares, mints nothing: its value at the low end of its tick, less the fee.
    const price = desk.priceOf("USDT");
    const { decimals } = profile.tokens.find(({ symbol }) => symbol === "USDT") ?? profile.tokens[0];
    const value = 10n ** BigInt(18 - decimals) * (price - price / 5_000n) * (1_000_000n - MINT_FEE_PIPS);
    const dust = value / (10n ** 10n * 1_000_000n);
    await expect(desk.mint(stranger, "USDT", 1n))
      .to.be.revertedWithCustomError(alpManager, "AlpManager_FirstMintTooSmall")
      .withArgs(dust, DEAD_SHARES);
    const attack = async (seed: bigint) => {
      await desk.mint(stranger, "USDT", seed);
      await replica.mintToken("USDT", vault.target as string, 1_000_000n * whole);
      await replica.mintToken("USDT", alpManager.target as string, 1_000_000n * whole);
      await replica.mintToken("USDT", alp.target as string, 1_000_000n * whole);
      const before = await alp.balanceOf(lp);
      await desk.mint(lp, "USDT", 1_000n * whole);
      const shares = (await alp.balanceOf(lp)) - before;
      const { lowPrice } = await alpLens.nav(ZeroAddress);
      // The victim's loss is the mint fee, at most 30 basis points.
      expect((shares * lowPrice) / 10n ** 18n).to.be.at.least((usd("1000") * 9_970n) / 10_000n);
    };
    await attack(2n * whole);
    await desk.warp(profile.vault.cooldownSeconds);
    await desk.burn(stranger, "USDT", await alp.balanceOf(stranger));
    await desk.burn(lp, "USDT", await alp.balanceOf(lp));
    expect(await alp.totalSupply()).to.equal(10n ** 18n);
    expect((await vault.ledger(token)).liquidity).to.be.greaterThan(0n);
    // What was left over belongs to the dead shares: the next minter does not get it.
    const { lowPrice } = await alpLens.nav(ZeroAddress);
    await desk.mint(stranger, "USDT", 100n * whole);
    const worth = ((await alp.balanceOf(stranger)) * lowPrice) / 10n ** 18n;
    expect(worth).to.be.at.most(usd("100"));
    await attack(100n * whole);
  });

  it("V10 X04: with no trade, no supply and dust amounts nothing divides by zero and nobody gains a unit", async () => {
    const { desk, stranger, alp, alpLens, trading, profile } = await emptyDesk();
    expect((await alpLens.nav(ZeroAddress)).midUsd).to.equal(0n);
    expect((await trading.lpPnl(0n, [])).lowUsd).to.equal(0n);
    expect((await alpLens.previewBurn(ZeroAddress, profile.tokens[0].address, 1n)).amountOut).to.equal(0n);
    const unit = desk.tokenUnits("USDT", 1n);
    await desk.mint(stranger, "USDT", 10n * unit);
    const wealth = async () =>
      (await tokenWealthOf(desk, stranger)) +
      ((await alp.balanceOf(stranger)) * (await alpLens.nav(ZeroAddress)).lowPrice) / 10n ** 18n;
    const dust = [1n, 2n, 3n, 7n, unit / 1_000n, unit + 1n, 3n * unit - 1n];
    for (const amount of dust) {
      const before = await wealth();
      // The desk gives the LP what it brings: that much is not a gain.
      const given = (amount * desk.priceOf("USDT") * 10n ** 8n) / unit;
      await desk.mint(stranger, "USDT", amount).catch(() => undefined);
      expect(await wealth(), `mint ${amount}`).to.be.at.most(before + given + CENT / 10n ** 8n);
    }
    await desk.warp(profile.vault.cooldownSeconds);
    await desk.refresh();
    for (const amount of [1n, 2n, 10n ** 6n, 10n ** 12n + 1n, 10n ** 17n]) {
      const before = await wealth();
      await desk.burn(stranger, "USDT", amount).catch(() => undefined);
      expect(await wealth(), `burn ${amount}`).to.be.at.most(before + CENT / 10n ** 8n);
    }
    await expectBalanced(desk);
  });

  it("V02: gifts of tokens and of coin change no price, no fee and no ledger", async () => {
    const { desk, replica, profile, vault, alpManager, alpLens, trading, stranger } = await loadDesk();
    const before = {
      nav: await navOf(desk),
      preview: await alpLens.previewMint(
        ZeroAddress,
        profile.tokens[0].address,
        desk.tokenUnits(profile.tokens[0].symbol, 100n),
      ),
    };
    const ledgers = (await desk.books()).map(({ liquidity, reserved, fees, claimable }) => [
      liquidity,
      reserved,
      fees,
      claimable,
    ]);
    for (const { symbol } of profile.tokens) {
      for (const receiver of [vault, alpManager, trading]) {
        await replica.mintToken(symbol, receiver.target as string, desk.tokenUnits(symbol, 1_000_000n));
      }
    }
    for (const [receiver, error] of [
      [vault, "Vault_NativeNotExpected"],
      [alpManager, "AlpManager_NativeNotExpected"],
      [desk.system.executor, "KeeperBatch_NativeNotExpected"],
      [desk.system.liquidator, "KeeperBatch_NativeNotExpected"],
    ] as const) {
      const sent = stranger.sendTransaction({ to: receiver, value: 1n });
      expect(await revertOf(sent)).to.equal(`${error}(${stranger.address})`);
    }
    expect(await navOf(desk)).to.equal(before.nav);
    expect(
      await alpLens.previewMint(
        ZeroAddress,
        profile.tokens[0].address,
        desk.tokenUnits(profile.tokens[0].symbol, 100n),
      ),
    ).to.deep.equal(before.preview);
    const after = (await desk.books()).map(({ liquidity, reserved, fees, claimable }) => [
      liquidity,
      reserved,
      fees,
      claimable,
    ]);
    expect(after).to.deep.equal(ledgers);
  });

  it("V04 A12: neither a stale price nor a jump between mint and burn can be used", async () => {
    const { desk, stranger, lp, alp, alpManager, alpLens, replica, profile } = await loadDesk();
    const token = replica.token("USDT");
    const amount = desk.tokenUnits("USDT", 10_000n);
    await replica.mintToken("USDT", stranger.address, amount);
    await confirmed(token.connect(stranger).approve(alpManager, amount));
    const deadline = (await desk.now()) + 3_600;
    const firstAsset = Math.min(...profile.tokens.map(({ assetKey }) => assetIdOf(assetKey)));
    // Without ticks, with ticks six seconds old: no mint at the feeds' price of before.
    await expect(alpManager.connect(stranger).mint(token, amount, 0, deadline, [], []))
      .to.be.revertedWithCustomError(alpManager, "AlpManager_PriceNotValid")
      .withArgs(firstAsset);
    const old = desk.referenceTicks((await desk.now()) - 5);
    const late = alpManager
      .connect(stranger)
      .mint(token, amount, 0, deadline, old.assetIds, old.updateData, { value: 9n });
    expect(await revertOf(late)).to.equal("PriceFeedNotFoundWithinRange()");
    // The market has fallen, the feeds lag: a burn counts what it brings no tick of as nothing, and gets less, not more.
    const shares = 10n ** 20n;
    const { amountOut } = await alpLens.previewBurn(ZeroAddress, token, shares);
    const before = await token.balanceOf(lp);
    await confirmed(alpManager.connect(lp).burn(token, shares, 0, deadline, lp, false, [], []));
    expect((await token.balanceOf(lp)) - before).to.be.below(amountOut);
    // Minted before a rise, the shares can be neither burned nor moved before they have cooled.
    await desk.mint(stranger, "USDT", amount);
    const minted = await alp.balanceOf(stranger);
    const coins = ASSET_KEYS.filter((key) => !key.startsWith("USD"));
    await desk.setPrices(Object.fromEntries(coins.map((key) => [key, (desk.priceOf(key) * 105n) / 100n])));
    await expect(desk.burn(stranger, "USDT", minted))
      .to.be.revertedWithCustomError(alp, "Alp_StillCooling")
      .withArgs(stranger, minted, 0);
    await desk.warp(profile.vault.cooldownSeconds - 120);
    await expect(desk.burn(stranger, "USDT", minted))
      .to.be.revertedWithCustomError(alp, "Alp_StillCooling")
      .withArgs(stranger, minted, 0);
    await expectBalanced(desk);
  });

  it("V05: bringing liquidity just before a large liquidation gains nothing from it", async () => {
    const { desk, trader, keeper, stranger, alp, profile } = await loadDesk();
    const amount = desk.tokenUnits("USDT", 360n);
    const ids: bigint[] = [];
    for (const leverage of [1001, 600]) ids.push(await desk.open(trader, keeper, { amount: amount / 2n, leverage }));
    const start = desk.priceOf("BTC");
    await desk.setPrice("BTC", px("59000"));
    const deposit = desk.tokenUnits("USDT", 1_000_000n);
    const wealth = await tokenWealthOf(desk, stranger);
    await desk.mint(stranger, "USDT", deposit);
    await desk.liquidate(keeper, ids, "BTC");
    await desk.warp(profile.vault.cooldownSeconds);
    await desk.burn(stranger, "USDT", await alp.balanceOf(stranger));
    expect((await tokenWealthOf(desk, stranger)) - wealth).to.be.below(usd("1000000"));
    await desk.setPrice("BTC", start);
    await expectBalanced(desk);
  });

  it("V07 I16: LPs get what NAV says if everything closes now, but for losses beyond a margin", async () => {
    const { desk, trader, other, keeper, alpLens, trading, tradingRecords, liquidator } = await loadDesk();
    const amount = desk.tokenUnits("USDT", 150n);
    const positions = [
      { owner: trader, isLong: true, leverage: 1001 },
      { owner: other, isLong: true, leverage: 500 },
      { owner: trader, isLong: false, leverage: 700 },
      { owner: other, isLong: true, leverage: 100, mode: "standard" as const },
      { owner: trader, isLong: false, leverage: 20, mode: "standard" as const },
    ];
    const ids: bigint[] = [];
    for (const { owner, ...options } of positions) ids.push(await desk.open(owner, keeper, { ...options, amount }));
    const start = await takeSnapshot();
    for (const price of [px("60020"), px("59990"), px("60100"), px("59000"), px("61000"), px("90000")]) {
      await start.restore();
      await desk.setPrice("BTC", price);
      // What exceeds the margins: NAV nets it against the winners of the same book and side, nobody will ever pay it.
      let excess = 0n;
      for (const id of ids) {
        const { size, entry, state, leverage } = await tradingRecords.position(id);
        const pnl = size * ((state & 4n) !== 0n ? price - entry : entry - price);
        const margin = (size * entry) / leverage;
        if (-pnl > margin) excess += -pnl - margin;
      }
      const { lowUsd } = await alpLens.nav(ZeroAddress);
      const flags = await liquidator.liquidatable(trading, ids, price);
      for (const [index, id] of ids.entries()) {
        if (flags[index]) await desk.liquidate(keeper, [id], "BTC");
        else await desk.close(positions[index].owner, keeper, id);
      }
      const rewards = usd("10") * BigInt(flags.filter(Boolean).length);
      expect((await alpLens.nav(ZeroAddress)).lowUsd, `${price}`).to.be.at.least(lowUsd - excess - rewards);
      expect(await trading.exposedAssets()).to.equal(0n);
      await expectBalanced(desk);
    }
  });

  it("V08 I15: after everything that may leave has left, every position is paid its largest gain in its own token", async () => {
    const { desk, trader, keeper, lp, alp, alpManager, alpLens, vault, profile } = await loadDesk();
    const ids: bigint[] = [];
    for (const { symbol, assetKey } of profile.tokens) {
      const amount = (desk.tokenUnits(symbol, 1n) * 100n * 10n ** 10n) / desk.priceOf(assetKey);
      ids.push(await desk.open(trader, keeper, { token: symbol, amount, leverage: 700 }));
    }
    for (const { symbol, address } of profile.tokens) {
      const { liquidity, reserved } = await vault.ledger(address);
      expect(reserved).to.be.greaterThan(0n);
      let shares = await alp.balanceOf(lp);
      for (let tries = 0; tries < 60 && shares > 10n ** 15n; ++tries) {
        const { amountOut } = await alpLens.previewBurn(ZeroAddress, address, shares);
        if (amountOut > liquidity - reserved) {
          if (tries === 0) {
            await expect(desk.burn(lp, symbol, shares))
              .to.be.revertedWithCustomError(alpManager, "AlpManager_LiquidityReserved")
              .withArgs((required: bigint) => required > liquidity - reserved, liquidity - reserved);
          }
          shares = (shares * 9n) / 10n;
          continue;
        }
        await desk.burn(lp, symbol, shares);
        break;
      }
    }
    await desk.setPrice("BTC", px("66000"));
    await desk.warp(30);
    for (const [index, id] of ids.entries()) {
      const { margin } = await desk.system.tradingRecords.position(id);
      const { symbol } = profile.tokens[index];
      const before = await holdingsOf(desk, symbol, [trader, keeper]);
      await desk.close(trader, keeper, id);
      const gained = (await holdingsOf(desk, symbol, [trader, keeper])) - before;
      // The margin and five times it, less 15% of the gain.
      expect(gained, symbol).to.be.closeTo(margin + (margin * 5n * 85n) / 100n, margin / 100n);
    }
    await expectBalanced(desk);
  });

  it("V09: cooling follows the ALP: it is neither passed on nor outrun through another account", async () => {
    const { desk, stranger, keeper, lp, alp } = await loadDesk();
    await desk.mint(stranger, "USDT", desk.tokenUnits("USDT", 1_000n));
    const fresh = await alp.balanceOf(stranger);
    await expect(alp.connect(stranger).transfer(lp, fresh))
      .to.be.revertedWithCustomError(alp, "Alp_StillCooling")
      .withArgs(stranger, fresh, 0);
    await alp.connect(stranger).approve(keeper, fresh);
    await expect(alp.connect(keeper).transferFrom(stranger, lp, 1))
      .to.be.revertedWithCustomError(alp, "Alp_StillCooling")
      .withArgs(stranger, 1, 0);
    // Cooled ALP received stays free beside what cools, and a gift locks nobody up.
    await confirmed(alp.connect(lp).transfer(stranger, fresh));
    expect(await alp.freeBalanceOf(stranger)).to.equal(fresh);
    await expect(desk.burn(stranger, "USDT", fresh + 1n))
      .to.be.revertedWithCustomError(alp, "Alp_StillCooling")
      .withArgs(stranger, fresh + 1n, fresh);
    await desk.burn(stranger, "USDT", fresh);
    expect(await alp.balanceOf(stranger)).to.equal(fresh);
    await expectBalanced(desk);
  });

  it("V03 A12: a burn without ticks while positions are open counts their book at its worst", async () => {
    const { desk, lp, alpManager, alpLens, replica, id } = await openedDesk();
    const token = replica.token("USDT");
    const deadline = (await desk.now()) + 3_600;
    const full = await alpLens.previewBurn(ZeroAddress, token, 10n ** 20n);
    const before = await token.balanceOf(lp);
    await confirmed(alpManager.connect(lp).burn(token, 10n ** 20n, 0, deadline, lp, false, [], []));
    expect((await token.balanceOf(lp)) - before).to.be.below(full.amountOut);
    expect(await desk.statusOf(id)).to.equal("Open");
    await expectBalanced(desk);
  });
});
