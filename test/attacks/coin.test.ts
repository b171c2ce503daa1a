import { loadFixture, setBalance } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { BaseContract } from "ethers";
import { ethers } from "hardhat";
import { NO_TICK, confirmed } from "../../kit/desk/Desk";
import { px } from "../../sdk/units";
import { loadDesk, replaceToken } from "./support";

/** What Pyth asks for a price, in wei. */
const UPDATE_FEE = 7n;
const COIN = 10n ** 18n;
const DEADLINE = 2n ** 40n - 1n;

/** A call with the native coin it spends. */
interface Call {
  contract: BaseContract;
  data: string;
  spent: bigint;
}

/** A desk whose USDT can call back, with a caller that takes no coin and one that does; both have tokens and ALP. */
async function forcedFixture() {
  const fixture = await loadDesk();
  const { desk, replica, trading, router, alpManager, alp, lp, keeper, trader, executor, liquidator } = fixture;
  const { priceAggregator, vault } = fixture;
  await replica.setUpdateFee(UPDATE_FEE);
  const token = await ethers.getContractAt("ReentrantToken", await replaceToken(desk, "USDT", "ReentrantToken"));
  const wallet = await ethers.deployContract("RevertingReceiver");
  await confirmed(wallet.setHostile(true));
  await setBalance(await wallet.getAddress(), 100n * COIN);
  const forcer = await ethers.deployContract("CoinForcer");
  await setBalance(await forcer.getAddress(), COIN);
  for (const account of [wallet, lp]) await confirmed(token.mint(account, desk.tokenUnits("USDT", 10_000n)));
  for (const spender of [router, alpManager]) {
    const approve = token.interface.encodeFunctionData("approve", [await spender.getAddress(), ethers.MaxUint256]);
    await confirmed(wallet.execute(token, 0n, approve));
    await confirmed(token.connect(lp).approve(spender, ethers.MaxUint256));
  }
  await confirmed(alp.connect(lp).transfer(wallet, 1_000n * COIN));
  const id = await desk.open(trader, keeper);
  const targets: Record<string, BaseContract> = { executor, liquidator, router, alpManager, priceAggregator, vault };

  /** The calls, each for the account that makes it, with what has to come before. */
  const calls: Record<string, (caller: string) => Promise<Call>> = {
    "Executor.execute": async () => {
      const { target } = await desk.requestClose(trader, id);
      await desk.warpTo(target + 1);
      await desk.refresh();
      const proofs = [desk.firstTick("BTC", target)];
      const args = [await trading.getAddress(), proofs, [{ tradeId: id, tickIndex: 0 }]] as const;
      const data = executor.interface.encodeFunctionData("execute", args as never);
      return { contract: executor, data, spent: await desk.updateFee(proofs) };
    },
    "Executor.execute, nothing to prove": async () => {
      const args = [await trading.getAddress(), [], []] as const;
      return { contract: executor, data: executor.interface.encodeFunctionData("execute", args as never), spent: 0n };
    },
    "Liquidator.liquidate": async () => {
      await desk.setPrice("BTC", px("59500"));
      const proofs = [desk.anyTick("BTC", await desk.now())];
      const items = [{ tradeId: id, tickIndex: 0, closeTickIndex: NO_TICK }];
      const args = [await trading.getAddress(), proofs, items] as const;
      const data = liquidator.interface.encodeFunctionData("liquidate", args as never);
      return { contract: liquidator, data, spent: await desk.updateFee(proofs) };
    },
    "PriceAggregator.prove": async () => {
      const proofs = [desk.anyTick("BTC", await desk.now())];
      const data = priceAggregator.interface.encodeFunctionData("prove", [proofs] as never);
      return { contract: priceAggregator, data, spent: await desk.updateFee(proofs) };
    },
    "Router.requestOpen": async (owner) => {
      const request = await desk.openRequest(trader, { owner });
      const data = router.interface.encodeFunctionData("requestOpen", [await trading.getAddress(), request]);
      return { contract: router, data, spent: 0n };
    },
    "Router.requestOpenNative": async (owner) => {
      const options = { owner, token: fixture.profile.wrappedNativeSymbol, amount: COIN, mode: "standard" } as const;
      const request = await desk.openRequest(trader, options);
      const data = router.interface.encodeFunctionData("requestOpenNative", [await trading.getAddress(), request]);
      return { contract: router, data, spent: COIN };
    },
    "AlpManager.mint": async () => {
      await desk.refresh();
      const { assetIds, updateData } = desk.referenceTicks(await desk.now());
      const spent = await desk.updateFee([{ assetIds, minPublishTime: 0, isUnique: false, updateData }]);
      const amount = desk.tokenUnits("USDT", 100n);
      const args = [await token.getAddress(), amount, 0n, DEADLINE, assetIds, updateData] as const;
      return { contract: alpManager, data: alpManager.interface.encodeFunctionData("mint", args as never), spent };
    },
    "AlpManager.burn": async (receiver) => {
      await desk.refresh();
      const { assetIds, updateData } = desk.referenceTicks(await desk.now());
      const spent = await desk.updateFee([{ assetIds, minPublishTime: 0, isUnique: false, updateData }]);
      const ends = [DEADLINE, receiver, false, assetIds, updateData] as const;
      const args = [await token.getAddress(), 100n * COIN, 0n, ...ends] as const;
      return { contract: alpManager, data: alpManager.interface.encodeFunctionData("burn", args as never), spent };
    },
  };
  const balancesOf = async () => {
    const balances: Record<string, bigint> = {};
    for (const [name, target] of Object.entries(targets)) balances[name] = await ethers.provider.getBalance(target);
    return balances;
  };
  return { ...fixture, token, wallet, forcer, targets, calls, balancesOf };
}

const NAMES = [
  "Executor.execute",
  "Executor.execute, nothing to prove",
  "Liquidator.liquidate",
  "PriceAggregator.prove",
  "Router.requestOpen",
  "Router.requestOpenNative",
  "AlpManager.mint",
  "AlpManager.burn",
] as const;

/** Those in whose course USDT moves. */
const MOVING = ["Executor.execute", "Router.requestOpen", "AlpManager.mint", "AlpManager.burn"] as const;

describe("attacks: native coin forced into contracts", () => {
  for (const name of NAMES) {
    it(`A25: coin that lies in every contract stops no ${name} of a caller that takes none, and stays`, async () => {
      const { wallet, forcer, targets, calls, balancesOf } = await loadFixture(forcedFixture);
      expect(Object.keys(calls)).to.deep.equal([...NAMES]);
      await confirmed(forcer.force(Object.values(targets)));
      const before = await balancesOf();
      for (const balance of Object.values(before)) expect(balance).to.equal(1n);
      const { contract, data, spent } = await calls[name](await wallet.getAddress());
      await expect(wallet.execute(contract, spent, data)).to.changeEtherBalance(wallet, -spent);
      expect(await balancesOf()).to.deep.equal(before);
    });

    it(`A25: of what comes with ${name} the caller gets back what was not spent, to the wei, and none that lay there`, async () => {
      const { lp, forcer, targets, calls, balancesOf } = await loadFixture(forcedFixture);
      await confirmed(forcer.force(Object.values(targets)));
      const before = await balancesOf();
      const { contract, data, spent } = await calls[name](lp.address);
      const sent = lp.sendTransaction({ to: contract, data, value: spent + 1_000n });
      await expect(sent).to.changeEtherBalance(lp, -spent);
      expect(await balancesOf()).to.deep.equal(before);
    });
  }

  for (const name of MOVING) {
    it(`A25: coin forced in by a token in the middle of ${name} is nobody's, and stops nothing`, async () => {
      const { wallet, lp, forcer, token, targets, calls, balancesOf } = await loadFixture(forcedFixture);
      for (const [caller, excess] of [
        [await wallet.getAddress(), 0n],
        [lp.address, 1_000n],
      ] as const) {
        // What comes before, the position of Executor.execute included, is there once.
        if (name === "Executor.execute" && caller === lp.address) continue;
        const { contract, data, spent } = await calls[name](caller);
        const forced = [contract, targets.vault, targets.priceAggregator];
        const arming = forcer.interface.encodeFunctionData("force", [
          await Promise.all(forced.map(async (each) => each.getAddress())),
        ]);
        await confirmed(token.arm(forcer, arming, false));
        const [before, calledBefore] = [await balancesOf(), await token.callCount()];
        const send = () =>
          caller === lp.address
            ? lp.sendTransaction({ to: contract, data, value: spent + excess })
            : wallet.execute(contract, spent, data);
        await expect(send).to.changeEtherBalance(caller, -spent);
        await confirmed(token.disarm());
        const times = (await token.callCount()) - calledBefore;
        expect(times).to.be.greaterThan(0n);
        expect(await token.lastSuccess()).to.equal(true);
        const after = await balancesOf();
        for (const [key, target] of Object.entries(targets)) {
          expect(after[key] - before[key], key).to.equal(forced.includes(target) ? times : 0n);
        }
      }
    });
  }

  it("A25: a claim is paid whatever coin lies in the vault", async () => {
    const { desk, wallet, forcer, targets, calls, vault, token } = await loadFixture(forcedFixture);
    const { contract, data, spent } = await calls["Executor.execute"](await wallet.getAddress());
    await confirmed(wallet.execute(contract, spent, data));
    const owed = await vault.claimableOf(token, wallet);
    expect(owed).to.be.greaterThan(0n);
    await confirmed(forcer.force(Object.values(targets)));
    const claim = vault.interface.encodeFunctionData("claim", [
      await token.getAddress(),
      await wallet.getAddress(),
      false,
    ]);
    await expect(wallet.execute(vault, 0n, claim)).to.changeTokenBalance(token, wallet, owed);
    expect(await ethers.provider.getBalance(vault)).to.equal(1n);
    expect(await desk.isBalanced()).to.equal(true);
  });
});
