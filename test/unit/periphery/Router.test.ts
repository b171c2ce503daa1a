import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { Signature } from "ethers";
import { ethers } from "hardhat";
import { betRequest } from "../../../kit/desk/bets";
import { deskFixture } from "../../fixtures/desk";

describe("Router", () => {
  it("takes a permit of a token that has them", async () => {
    const { alp, lp, router } = await loadFixture(deskFixture);
    const [amount, deadline] = [10n ** 18n, 10n ** 12n];
    const { chainId } = await ethers.provider.getNetwork();
    const domain = { name: await alp.name(), version: "1", chainId, verifyingContract: await alp.getAddress() };
    const types = {
      Permit: ["owner", "spender", "value", "nonce", "deadline"].map((name) => ({
        name,
        type: name === "owner" || name === "spender" ? "address" : "uint256",
      })),
    };
    const message = { owner: lp.address, spender: router.target, value: amount, nonce: await alp.nonces(lp), deadline };
    const { v, r, s } = Signature.from(await lp.signTypedData(domain, types, message));
    await expect(router.connect(lp).permit({ token: alp, amount, deadline, v, r, s }))
      .to.emit(router, "PermitUsed")
      .withArgs(alp, lp, amount);
    expect(await alp.allowance(lp, router)).to.equal(amount);
  });

  it("brings a bet what arrived of its stake, and keeps nothing", async () => {
    const { desk, prediction, router, trader } = await loadFixture(deskFixture);
    await desk.refresh();
    const bet = await betRequest(desk, trader);
    const token = await ethers.getContractAt("ERC20", bet.token);
    await token.connect(trader).approve(router, bet.stake);
    const id = await router.connect(trader).requestBet.staticCall(prediction, bet);
    await expect(router.connect(trader).requestBet(prediction, bet)).to.changeTokenBalances(
      token,
      [trader, router],
      [-BigInt(bet.stake), 0n],
    );
    expect(await prediction.statusOf(id)).to.equal(1n);
    expect(await token.allowance(router, prediction)).to.equal(0n);
  });
});
