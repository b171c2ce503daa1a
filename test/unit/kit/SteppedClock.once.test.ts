import { time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers, network } from "hardhat";
import { SteppedClock } from "../../../kit/SteppedClock";
import type { SteppedProvider } from "../../../kit/SteppedClock";

/**
 * An embedded chain as far as time goes: without a time set for it the next block takes that of the clock on the wall, which
 * a test moves.
 */
class Chain {
  wall = 1_000;
  readonly blocks = [1_000];
  private next: number | undefined;
  private isAutomining = true;
  private readonly snapshots: { height: number; next: number | undefined }[] = [];

  readonly provider: SteppedProvider = {
    request: ({ method, params }) => this.answer(method, params as unknown[]),
    send: (method, params = []) => this.answer(method, params),
  };

  get latest(): number {
    return this.blocks[this.blocks.length - 1];
  }

  private async answer(method: string, params: unknown[]): Promise<unknown> {
    // Every call takes its time.
    this.wall += 7;
    await Promise.resolve();
    switch (method) {
      case "eth_getBlockByNumber":
        return { timestamp: ethers.toQuantity(params[0] === "pending" ? this.pending : this.latest) };
      case "evm_setNextBlockTimestamp":
        if (Number(params[0]) <= this.latest) throw new Error(`${String(params[0])} is not after ${this.latest}`);
        this.next = Number(params[0]);
        return;
      case "evm_snapshot":
        return this.snapshots.push({ height: this.blocks.length, next: this.next });
      case "evm_revert": {
        const { height, next } = this.snapshots[Number(params[0]) - 1];
        this.blocks.splice(height);
        this.next = next;
        return true;
      }
      case "evm_setAutomine":
        this.isAutomining = Boolean(params[0]);
        return;
      case "evm_mine":
        return this.mine(params[0] as number | undefined);
      case "eth_sendTransaction":
      case "eth_sendRawTransaction":
        if (params[0] === "refused") throw new Error("refused");
        if (this.isAutomining) this.mine();
        if (params[0] === "reverts") throw new Error("reverted");
        return "0x";
      default:
        return method;
    }
  }

  private get pending(): number {
    return this.next ?? Math.max(this.wall, this.latest + 1);
  }

  private mine(timestamp = this.pending): void {
    this.blocks.push(timestamp);
    this.next = undefined;
  }
}

const send = (provider: SteppedProvider, transaction = "") => provider.send("eth_sendTransaction", [transaction]);

describe("SteppedClock", () => {
  it("has blocks follow by a second, however long the machine takes", async () => {
    const { provider, blocks } = new Chain();
    SteppedClock.of(provider);
    await send(provider);
    await provider.request({ method: "eth_sendRawTransaction", params: [] });
    await provider.request({ method: "evm_mine" });
    await send(provider);
    expect(blocks).to.deep.equal([1_000, 1_001, 1_002, 1_003, 1_004]);
  });

  it("leaves the time that was set for the next block, and steps on from there", async () => {
    const { provider, blocks } = new Chain();
    const clock = SteppedClock.of(provider);
    await provider.send("evm_setNextBlockTimestamp", [5_000]);
    await send(provider);
    await send(provider);
    await clock.schedule(6_000);
    await provider.send("evm_mine", []);
    await provider.send("evm_mine", [7_000]);
    await send(provider);
    expect(blocks).to.deep.equal([1_000, 5_000, 5_001, 6_000, 7_000, 7_001]);
    expect(await clock.now()).to.equal(7_001);
  });

  it("keeps a time that was set where the transaction is refused, and not where it reverts", async () => {
    const { provider, blocks } = new Chain();
    SteppedClock.of(provider);
    await provider.send("evm_setNextBlockTimestamp", [5_000]);
    await expectError(send(provider, "refused"), "refused");
    await expectError(send(provider, "reverts"), "reverted");
    await send(provider);
    expect(blocks).to.deep.equal([1_000, 5_000, 5_001]);
  });

  it("goes back with the chain, to a time that was set too", async () => {
    const { provider, blocks } = new Chain();
    SteppedClock.of(provider);
    const before = await provider.send("evm_snapshot");
    await provider.send("evm_setNextBlockTimestamp", [5_000]);
    const set = await provider.send("evm_snapshot");
    await send(provider);
    await provider.send("evm_revert", [set]);
    await send(provider);
    expect(blocks).to.deep.equal([1_000, 5_000]);
    await provider.send("evm_setNextBlockTimestamp", [9_000]);
    await provider.send("evm_revert", [before]);
    await send(provider);
    expect(blocks).to.deep.equal([1_000, 1_001]);
  });

  it("adds seconds to the latest block", async () => {
    const { provider, blocks } = new Chain();
    SteppedClock.of(provider);
    await provider.send("evm_increaseTime", [50]);
    await send(provider);
    await provider.send("evm_increaseTime", [0]);
    await send(provider);
    expect(blocks).to.deep.equal([1_000, 1_050, 1_051]);
  });

  it("shows the pending block in the second that it will have", async () => {
    const { provider } = new Chain();
    SteppedClock.of(provider);
    const pending = async () => {
      const block = (await provider.send("eth_getBlockByNumber", ["pending", false])) as { timestamp: string };
      return Number(block.timestamp);
    };
    expect(await pending()).to.equal(1_001);
    await provider.send("evm_setNextBlockTimestamp", [5_000]);
    expect(await pending()).to.equal(5_000);
  });

  it("gives transactions sent at once a second each, and one block of many its own", async () => {
    const { provider, blocks } = new Chain();
    SteppedClock.of(provider);
    await Promise.all([send(provider), send(provider), send(provider)]);
    await provider.send("evm_setAutomine", [false]);
    await Promise.all([send(provider), send(provider)]);
    await provider.send("evm_mine");
    expect(blocks).to.deep.equal([1_000, 1_001, 1_002, 1_003, 1_004]);
  });

  it("is one for each provider", () => {
    const { provider } = new Chain();
    expect(SteppedClock.of(provider)).to.equal(SteppedClock.of(provider));
    expect(SteppedClock.of(new Chain().provider)).to.not.equal(SteppedClock.of(provider));
  });

  it("is what every test runs by, from one second on", async () => {
    expect((await ethers.provider.getBlock(0))?.timestamp).to.equal(Date.UTC(2026, 2, 17, 9, 41, 23) / 1_000);
    const before = await time.latest();
    const [sender] = await ethers.getSigners();
    for (let index = 0; index < 3; index++) await sender.sendTransaction({ to: sender });
    await network.provider.send("evm_mine");
    expect(await time.latest()).to.equal(before + 4);
  });
});

async function expectError(call: Promise<unknown>, message: string): Promise<void> {
  const outcome = await call.then(
    () => "nothing",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  expect(outcome).to.equal(message);
}
