import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import * as actions from "../../dsl/proActions";
import { ALICE, BTC, LIMITS, TIERS, USD, deployPro } from "./proFixture";

const deployReentrant = async () => {
  const context = await deployPro(18, "ReentrantToken");
  const reentrant = await ethers.getContractAt("ReentrantToken", await context.token.getAddress());
  await context.pro.connect(context.alice).deposit(context.alice, 0, 1_000n * USD);
  return { ...context, reentrant };
};

/** Every entry that changes something, but for the simulation, which undoes whatever happened. */
function entriesOf({ pro, alice }: Awaited<ReturnType<typeof deployReentrant>>): [string, string][] {
  const owner = alice.address;
  const calls: Record<string, readonly unknown[]> = {
    deposit: [owner, 0, 1n],
    depositWithPermit: [owner, 0, 1n, 0n, 27, ethers.ZeroHash, ethers.ZeroHash],
    addToFund: [0, 1n],
    act: [ALICE, [], []],
    setDelegate: [ALICE, owner, 1, 1],
    refresh: [owner, 0, 0],
    cancelDead: [[]],
    cancelStretched: [0, [], owner],
    liquidate: [0, 0, 1, owner],
    deleverage: [0, 0, 1, owner],
    shareLoss: [0, 0, 1],
    beginSettling: [0, owner, 0],
    closeSettled: [0, 1, 2, 1],
    sweepFees: [0, []],
    listMarket: [BTC, LIMITS, TIERS],
    setMarketConfig: [0, BTC, LIMITS],
    setTiers: [0, TIERS],
    setStatus: [0, 1, false],
    close: [],
    releaseFund: [0],
  };
  const known = Object.keys(calls);
  const entries = pro.interface.fragments.filter((fragment) => fragment.type === "function");
  const mutating = entries
    .map((fragment) => fragment as unknown as { name: string; stateMutability: string })
    .filter(({ stateMutability }) => stateMutability !== "view" && stateMutability !== "pure")
    .map(({ name }) => name);
  // The Vault alone may call `payIn`, in the course of a deposit.
  expect(mutating.sort()).to.deep.equal([...known, "payIn", "simulate"].sort());
  return known.map((name) => [name, pro.interface.encodeFunctionData(name as "act", calls[name] as never)]);
}

describe("R57: reentering Pro", () => {
  it("is refused at every entry, while tokens come in and while they go out", async () => {
    const context = await loadFixture(deployReentrant);
    const { pro, reentrant, alice } = context;
    const guard = pro.interface.getError("ReentrancyGuardReentrantCall")?.selector;
    for (const [name, data] of entriesOf(context)) {
      await reentrant.arm(pro, data, name.length % 2 === 0);
      const before = await reentrant.callCount();
      await pro.connect(alice).deposit(alice, 0, 5n);
      expect(await reentrant.lastReturnData(), name).to.equal(guard);
      await pro.connect(alice).act(ALICE, [], actions.withdraw(alice.address, 5n));
      expect(await reentrant.lastReturnData(), name).to.equal(guard);
      expect(await reentrant.callCount()).to.equal(before + 2n);
      expect(await reentrant.lastSuccess()).to.equal(false);
    }
  });

  it("is refused while coin goes back", async () => {
    const context = await loadFixture(deployReentrant);
    const { pro, reader } = context;
    const wallet = await ethers.deployContract("ReentrantReceiver");
    await context.pro.connect(context.alice).deposit(wallet, 0, 7n);
    const account = await pro.accountOf(wallet, 0);
    const data = pro.interface.encodeFunctionData("act", [account, [], []]);
    await wallet.arm(pro, data);
    await wallet.execute(pro, 3n, data, { value: 3n });
    expect(await wallet.callCount()).to.equal(1n);
    expect(await wallet.lastReturnData()).to.equal(pro.interface.getError("ReentrancyGuardReentrantCall")?.selector);
    expect((await reader.account(pro, account)).cash).to.equal(7n);
  });
});
