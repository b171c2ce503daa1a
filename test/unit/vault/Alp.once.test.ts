import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { usd } from "../../../sdk/units";
import { COOLING_SECONDS } from "./alpFixture";

describe("Alp", () => {
  async function deploy() {
    const [manager, alice, bob, carol] = await ethers.getSigners();
    const alp = await ethers.deployContract("Alp", [COOLING_SECONDS]);
    return { manager, alice, bob, carol, alp };
  }

  /** Alice holds 10 ALP, all of it cooled. */
  async function deployCooled() {
    const context = await deploy();
    await context.alp.mint(context.alice, usd("10"));
    await time.increase(COOLING_SECONDS);
    return context;
  }

  describe("constructor", () => {
    it("makes its creator the manager and describes itself", async () => {
      const { alp, manager } = await loadFixture(deploy);
      expect(await alp.manager()).to.equal(manager.address);
      expect(await alp.coolingSeconds()).to.equal(COOLING_SECONDS);
      expect(await alp.symbol()).to.equal("ALP");
      expect(await alp.decimals()).to.equal(18n);
    });

    it("refuses a cooling period out of bounds", async () => {
      const { alp } = await loadFixture(deploy);
      const factory = await ethers.getContractFactory("Alp");
      for (const cooling of [3_599n, 14n * 86_400n + 1n]) {
        await expect(factory.deploy(cooling))
          .to.be.revertedWithCustomError(alp, "Alp_CoolingOutOfRange")
          .withArgs(cooling, 3_600n, 14n * 86_400n);
      }
    });
  });

  describe("mint", () => {
    it("is the manager's alone", async () => {
      const { alp, alice } = await loadFixture(deploy);
      await expect(alp.connect(alice).mint(alice, 1n))
        .to.be.revertedWithCustomError(alp, "Alp_NotManager")
        .withArgs(alice.address);
    });

    it("locks what it mints until the very second in which cooling is over", async () => {
      const { alp, alice, bob } = await loadFixture(deploy);
      await alp.mint(alice, usd("10"));
      const mintedAt = BigInt(await time.latest());
      expect(await alp.lockedOf(alice)).to.equal(usd("10"));
      expect(await alp.freeBalanceOf(alice)).to.equal(0n);

      await time.setNextBlockTimestamp(mintedAt + COOLING_SECONDS - 1n);
      await expect(alp.connect(alice).transfer(bob, 1n))
        .to.be.revertedWithCustomError(alp, "Alp_StillCooling")
        .withArgs(alice.address, 1n, 0n);
      await time.setNextBlockTimestamp(mintedAt + COOLING_SECONDS);
      await alp.connect(alice).transfer(bob, usd("10"));
      expect(await alp.balanceOf(bob)).to.equal(usd("10"));
    });

    it("counts mints of one second as one", async () => {
      const { alp, alice } = await loadFixture(deploy);
      await alp.mint(alice, usd("1"));
      const firstAt = BigInt(await time.latest());
      await ethers.provider.send("evm_setAutomine", [false]);
      await time.setNextBlockTimestamp(firstAt + 10n);
      for (const amount of ["2", "3"]) await alp.mint(alice, usd(amount), { gasLimit: 500_000 });
      await ethers.provider.send("evm_mine", []);
      await ethers.provider.send("evm_setAutomine", [true]);
      expect(await alp.lockedOf(alice)).to.equal(usd("6"));
      await time.increaseTo(firstAt + COOLING_SECONDS);
      expect(await alp.lockedOf(alice)).to.equal(usd("5"));
      await time.increaseTo(firstAt + 10n + COOLING_SECONDS);
      expect(await alp.lockedOf(alice)).to.equal(0n);
    });

    it("leaves older ALP free", async () => {
      const { alp, alice, bob } = await loadFixture(deployCooled);
      await alp.mint(alice, usd("3"));
      expect(await alp.lockedOf(alice)).to.equal(usd("3"));
      expect(await alp.freeBalanceOf(alice)).to.equal(usd("10"));
      await expect(alp.connect(alice).transfer(bob, usd("10") + 1n))
        .to.be.revertedWithCustomError(alp, "Alp_StillCooling")
        .withArgs(alice.address, usd("10") + 1n, usd("10"));
      await alp.connect(alice).transfer(bob, usd("10"));
      expect(await alp.freeBalanceOf(alice)).to.equal(0n);
    });

    it("frees several mints one by one", async () => {
      const { alp, alice } = await loadFixture(deploy);
      const start = BigInt(await time.latest()) + 10n;
      for (const i of [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]) {
        await time.setNextBlockTimestamp(start + i * 100n);
        await alp.mint(alice, 1n + i);
      }
      expect(await alp.lockedOf(alice)).to.equal(36n);
      await time.increaseTo(start + COOLING_SECONDS + 199n);
      expect(await alp.lockedOf(alice)).to.equal(36n - 1n - 2n);
      await time.increaseTo(start + COOLING_SECONDS + 499n);
      expect(await alp.lockedOf(alice)).to.equal(6n + 7n + 8n);
      await time.increaseTo(start + COOLING_SECONDS + 700n);
      expect(await alp.lockedOf(alice)).to.equal(0n);
    });
  });

  describe("transfer", () => {
    it("locks nothing of the receiver's, neither what it had nor what it gets", async () => {
      const { alp, alice, bob } = await loadFixture(deployCooled);
      await alp.mint(bob, usd("1"));
      await alp.connect(alice).transfer(bob, usd("4"));
      expect(await alp.lockedOf(bob)).to.equal(usd("1"));
      expect(await alp.freeBalanceOf(bob)).to.equal(usd("4"));
    });

    it("holds an approved spender to the same rule", async () => {
      const { alp, alice, bob } = await loadFixture(deploy);
      await alp.mint(alice, usd("10"));
      await alp.connect(alice).approve(bob, usd("10"));
      await expect(alp.connect(bob).transferFrom(alice, bob, usd("1")))
        .to.be.revertedWithCustomError(alp, "Alp_StillCooling")
        .withArgs(alice.address, usd("1"), 0n);
    });

    it("reports a balance too small as any ERC-20 does", async () => {
      const { alp, alice, bob } = await loadFixture(deployCooled);
      await expect(alp.connect(alice).transfer(bob, usd("11")))
        .to.be.revertedWithCustomError(alp, "ERC20InsufficientBalance")
        .withArgs(alice.address, usd("10"), usd("11"));
    });
  });

  describe("burn", () => {
    it("is the manager's alone", async () => {
      const { alp, alice } = await loadFixture(deployCooled);
      await expect(alp.connect(alice).burn(alice, 1n))
        .to.be.revertedWithCustomError(alp, "Alp_NotManager")
        .withArgs(alice.address);
    });

    it("burns what is free and nothing else", async () => {
      const { alp, alice } = await loadFixture(deployCooled);
      await alp.mint(alice, usd("1"));
      await expect(alp.burn(alice, usd("10.5")))
        .to.be.revertedWithCustomError(alp, "Alp_StillCooling")
        .withArgs(alice.address, usd("10.5"), usd("10"));
      await alp.burn(alice, usd("10"));
      expect(await alp.totalSupply()).to.equal(usd("1"));
    });
  });

  describe("permit", () => {
    it("gives an allowance by signature", async () => {
      const { alp, alice, bob } = await loadFixture(deployCooled);
      const { chainId } = await ethers.provider.getNetwork();
      // As wallets make it of what the token says.
      const domain = { name: await alp.name(), version: "1", chainId, verifyingContract: await alp.getAddress() };
      const types = {
        Permit: [
          { name: "owner", type: "address" },
          { name: "spender", type: "address" },
          { name: "value", type: "uint256" },
          { name: "nonce", type: "uint256" },
          { name: "deadline", type: "uint256" },
        ],
      };
      const deadline = 2n ** 40n;
      const message = { owner: alice.address, spender: bob.address, value: 5n, nonce: 0n, deadline };
      const { v, r, s } = ethers.Signature.from(await alice.signTypedData(domain, types, message));
      await alp.connect(bob).permit(alice, bob, 5n, deadline, v, r, s);
      expect(await alp.allowance(alice, bob)).to.equal(5n);
      expect(await alp.nonces(alice)).to.equal(1n);
    });
  });

  it("locks exactly the mints of the last 48 hours, whatever is minted, moved and burned", async () => {
    const step = fc.record({
      kind: fc.constantFrom("mint", "transfer", "burn"),
      who: fc.nat(1),
      amount: fc.bigInt({ min: 1n, max: 1_000n }),
      wait: fc.oneof(fc.bigInt({ min: 1n, max: 10n }), fc.bigInt({ min: 1n, max: COOLING_SECONDS })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { alp, alice, bob } = await loadFixture(deploy);
        const users = [alice, bob];
        const mints: { who: number; at: bigint; amount: bigint }[] = [];
        const balances = [0n, 0n];
        for (const { kind, who, amount, wait } of steps) {
          const now = BigInt(await time.latest()) + wait;
          await time.setNextBlockTimestamp(now);
          const cooling = mints.filter((m) => m.who === who && m.at + COOLING_SECONDS > now);
          const free = balances[who] - cooling.reduce((sum, m) => sum + m.amount, 0n);
          const moved = amount < free ? amount : free;
          if (kind === "mint") {
            await alp.mint(users[who], amount);
            mints.push({ who, at: now, amount });
            balances[who] += amount;
          } else if (kind === "burn") {
            await alp.burn(users[who], moved);
            balances[who] -= moved;
          } else {
            await alp.connect(users[who]).transfer(users[1 - who], moved);
            balances[who] -= moved;
            balances[1 - who] += moved;
          }
          const locked = mints
            .filter((m) => m.who === who && m.at + COOLING_SECONDS > now)
            .reduce((sum, m) => sum + m.amount, 0n);
          expect(await alp.lockedOf(users[who])).to.equal(locked);
          expect(await alp.freeBalanceOf(users[who])).to.equal(balances[who] - locked);
        }
      }),
      { numRuns: 20 },
    );
  });
});
