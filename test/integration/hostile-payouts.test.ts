import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { AddressLike } from "ethers";
import { ethers } from "hardhat";
import type { Pending, Proof } from "../../kit/desk/Desk";
import { NO_TICK } from "../../kit/desk/Desk";
import { px } from "../../sdk/units";
import { TOKEN, openFixture, outcomes } from "./hostileFixture";

const STEP_GAS = 40_000n;

/** What a payout in the native coin, and one whose caller is short of gas, come to in a whole trade. */
describe("payouts that meet resistance", () => {
  type Fixture = Awaited<ReturnType<typeof openFixture>>;

  /** A contract wallet owns a position in the wrapped native coin, to be paid out in the native coin. */
  async function openNative(fixture: Fixture, walletContract: string) {
    const { desk, keeper, profile, trader, trading } = fixture;
    const symbol = profile.wrappedNativeSymbol;
    const wallet = await ethers.deployContract(walletContract);
    const token = desk.replica.token(symbol);
    const id = await desk.open(trader, keeper, {
      token: symbol,
      amount: desk.tokenUnits(symbol, 1n) / 25n,
      owner: await wallet.getAddress(),
      asNative: true,
    });
    const proxy = await ethers.getContractAt("CallProxy", await wallet.getAddress());
    const close = async (): Promise<Pending> => {
      const deadline = (await desk.now()) + 3_600;
      const data = trading.interface.encodeFunctionData("requestClose", [id, 0n, deadline]);
      await proxy.execute(trading, 0n, data);
      return { id, asset: "BTC", target: (await desk.now()) + desk.delayOf("degen") } as Pending;
    };
    return { symbol, wallet, token, id, proxy, close };
  }

  const balanceOf = (account: AddressLike) => ethers.provider.getBalance(account);

  it("a wallet that takes native coin gets it", async () => {
    const fixture = await loadFixture(openFixture);
    const { desk, keeper, vault } = fixture;
    const { close, id, token, wallet } = await openNative(fixture, "GasBurningReceiver");
    const { results } = await desk.settle(keeper, await close());
    expect(outcomes(results)).to.deep.equal(["Closed"]);
    expect(await desk.statusOf(id)).to.equal("None");
    expect(await balanceOf(wallet)).to.be.greaterThan(0n);
    expect(await vault.claimableOf(token, wallet)).to.equal(0n);
    expect(await balanceOf(vault)).to.equal(0n);
    expect(await desk.isBalanced()).to.equal(true);
  });

  for (const name of ["RevertingReceiver", "GasBurningReceiver", "ReturnBombReceiver"] as const) {
    it(`${name}: its payout becomes claimable in wrapped form; the rest of the batch is paid`, async () => {
      const fixture = await loadFixture(openFixture);
      const { desk, id: otherId, keeper, trader, vault } = fixture;
      const { close, id, proxy, token, wallet } = await openNative(fixture, name);
      const address = await wallet.getAddress();
      if (name === "ReturnBombReceiver") {
        await (await ethers.getContractAt(name, address)).setSizeBytes(1_000_000n);
      } else {
        await (await ethers.getContractAt("RevertingReceiver", address)).setHostile(true);
      }
      const first = await close();
      const second = await desk.requestClose(trader, otherId);
      await desk.warpTo(second.target + 1);
      await desk.refresh();
      const held = await fixture.token.balanceOf(trader);
      const proof = desk.firstTick("BTC", first.target, { at: second.target });
      const { results } = await desk.execute(keeper, [id, otherId], [proof]);
      expect(outcomes(results)).to.deep.equal(["Closed", "Closed"]);
      expect(await fixture.token.balanceOf(trader)).to.be.greaterThan(held);
      const claimable = await vault.claimableOf(token, wallet);
      expect(claimable).to.be.greaterThan(0n);
      expect([await balanceOf(wallet), await balanceOf(vault)]).to.deep.equal([0n, 0n]);
      expect(await desk.isBalanced()).to.equal(true);
      const claim = vault.interface.encodeFunctionData("claim", [await token.getAddress(), address, false]);
      await expect(proxy.execute(vault, 0n, claim)).to.changeTokenBalance(token, wallet, claimable);
      expect(await desk.isBalanced()).to.equal(true);
    });
  }

  it("a wrapped coin that refuses to unwrap stops no close: the payout is claimable", async () => {
    const fixture = await loadFixture(openFixture);
    const { become, desk, keeper, vault } = fixture;
    const { close, id, symbol, token, wallet } = await openNative(fixture, "GasBurningReceiver");
    const pausable = await ethers.getContractAt("PausableToken", await become("PausableToken", symbol));
    await pausable.setPaused(true);
    const { results } = await desk.settle(keeper, await close());
    expect(outcomes(results)).to.deep.equal(["Closed"]);
    expect(await desk.statusOf(id)).to.equal("None");
    expect(await vault.claimableOf(token, wallet)).to.be.greaterThan(0n);
    expect(await desk.isBalanced()).to.equal(true);
  });

  describe("with too little gas", () => {
    /** A close at its target, paid in a token that wants most of what a transfer may use, or refuses cheaply. */
    async function awareCloseFixture() {
      const fixture = await loadFixture(openFixture);
      const { become, desk, id, trader } = fixture;
      const aware = await ethers.getContractAt("GasAwareToken", await become("GasAwareToken"));
      await aware.setWantedGas(240_000n);
      const pending = await desk.requestClose(trader, id);
      await desk.warpTo(pending.target + 1);
      await desk.refresh();
      return { ...fixture, proof: desk.firstTick("BTC", pending.target) };
    }

    type AwareClose = Awaited<ReturnType<typeof awareCloseFixture>>;

    /** What came of the close: still pending, paid, or turned into a claim. */
    async function outcomeOf({ claimableOf, desk, id, token, trader }: AwareClose, held: bigint) {
      expect(await desk.isBalanced()).to.equal(true);
      if ((await desk.statusOf(id)) === "Open") return "pending";
      if ((await claimableOf(trader)) !== 0n) return "claimable";
      return (await token.balanceOf(trader)) > held ? "paid" : "lost";
    }

    /** The outcomes over all amounts of gas, without repetition, in their order. */
    async function outcomesByGas(fixture: AwareClose, to: bigint, send: (gasLimit: bigint) => Promise<unknown>) {
      const held = await fixture.token.balanceOf(fixture.trader);
      const seen: string[] = [];
      // Always the same second: the many attempts take longer than the window in which the close can be filled.
      const at = (await fixture.desk.now()) + 1;
      for (let gasLimit = 200_000n; gasLimit <= to; gasLimit += STEP_GAS) {
        const snapshot = await takeSnapshot();
        await fixture.desk.provider.send("evm_setNextBlockTimestamp", [at]);
        const isSent = await send(gasLimit).then(
          () => true,
          () => false,
        );
        const outcome = `${isSent ? "" : "reverted, "}${await outcomeOf(fixture, held)}`;
        if (seen.at(-1) !== outcome) seen.push(outcome);
        await snapshot.restore();
      }
      return seen;
    }

    it("a keeper's batch reverts as a whole, or the trader is paid", async () => {
      const fixture = await loadFixture(awareCloseFixture);
      const { desk, executor, id, keeper, proof, trading } = fixture;
      const value = await desk.updateFee([proof]);
      const items = [{ tradeId: id, tickIndex: 0 }];
      const send = async (gasLimit: bigint) =>
        executor.connect(keeper).execute(trading, [proof], items, { gasLimit, value });
      expect(await outcomesByGas(fixture, 1_600_000n, send)).to.deep.equal(["reverted, pending", "paid"]);
    });

    it("so does a liquidation that carries the close along", async () => {
      const fixture = await loadFixture(awareCloseFixture);
      const { desk, id, keeper, liquidator, proof, trading } = fixture;
      const value = await desk.updateFee([proof]);
      const items = [{ tradeId: id, tickIndex: NO_TICK, closeTickIndex: 0 }];
      const send = async (gasLimit: bigint) =>
        liquidator.connect(keeper).liquidate(trading, [proof], items, { gasLimit, value });
      expect(await outcomesByGas(fixture, 1_600_000n, send)).to.deep.equal(["reverted, pending", "paid"]);
    });

    it("so does a contract that executes without the keepers' batch, with every amount of gas", async () => {
      const fixture = await loadFixture(awareCloseFixture);
      const { desk, id, keeper, priceAggregator, proof, stranger, trading } = fixture;
      const proxy = await ethers.deployContract("CallProxy");
      const fee = await desk.updateFee([proof]);
      await stranger.sendTransaction({ to: proxy, value: fee });
      const proofs: Proof[] = [proof];
      const prove = priceAggregator.interface.encodeFunctionData("prove", [proofs]);
      const targets = [await proxy.getAddress(), await trading.getAddress()];
      const datas = [
        proxy.interface.encodeFunctionData("execute", [await priceAggregator.getAddress(), fee, prove]),
        trading.interface.encodeFunctionData("execute", [id, 0n, keeper.address]),
      ];
      const send = async (gasLimit: bigint) => proxy.connect(stranger).executeBatch(targets, datas, { gasLimit });
      expect(await outcomesByGas(fixture, 1_000_000n, send)).to.deep.equal(["reverted, pending", "paid"]);
    });
  });

  it("gas burnt by the token of one item leaves enough for the next", async () => {
    const fixture = await loadFixture(openFixture);
    const { become, desk, executor, id, keeper, other, otherId, trader, trading } = fixture;
    const hostile = await ethers.getContractAt("GasBurningToken", await become("GasBurningToken", TOKEN));
    const third = await desk.open(trader, keeper, { token: "USDC" });
    await hostile.setHostile(true);
    await desk.setPrice("BTC", px("60060"));
    const first = await desk.requestClose(trader, id);
    await desk.requestClose(other, otherId);
    const last = await desk.requestClose(trader, third);
    await desk.warpTo(last.target + 1);
    await desk.refresh();
    const proof = desk.firstTick("BTC", first.target, { at: last.target });
    const items = [id, otherId, third].map((tradeId) => ({ tradeId, tickIndex: 0 }));
    const value = await desk.updateFee([proof]);
    // What three items need at most: with that much, nothing fails.
    const gasLimit = 3n * 600_000n + 1_500_000n;
    await executor.connect(keeper).execute(trading, [proof], items, { gasLimit, value });
    for (const each of [id, otherId, third]) expect(await desk.statusOf(each)).to.equal("None");
    expect(await desk.isBalanced()).to.equal(true);
  });
});
