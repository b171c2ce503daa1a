import { expect } from "chai";
import { Signature, ethers as ethersLib, verifyTypedData } from "ethers";
import { ethers } from "hardhat";

async function token(name: string) {
  const contract = await ethers.deployContract(name);
  const [owner, other] = await ethers.getSigners();
  const base = await ethers.getContractAt("TokenBase", await contract.getAddress());
  await base.initialize("Name", "SYM", 6);
  await base.mint(owner, 1_000n);
  return { contract, base, owner, other };
}

/** What a call fails with where it is no error of a contract: the node's words, and how much data came back. */
async function failureOf(call: Promise<unknown>): Promise<{ message: string; bytes: number }> {
  return call.then(
    () => expect.fail("did not fail"),
    ({ message, data = "0x" }: { message: string; data?: string }) => ({ message, bytes: ethers.dataLength(data) }),
  );
}

describe("stand-in tokens", () => {
  for (const name of ["StandInBep20Token", "StandInToken", "StandInWrappedEther", "StandInWrappedNative"]) {
    it(`${name} is initialised once and moves as an ERC-20`, async () => {
      const { contract, base, owner, other } = await token(name);
      expect([await base.name(), await base.symbol(), await base.decimals()]).to.deep.equal(["Name", "SYM", 6n]);
      const prefix = name === "StandInWrappedNative" ? name : "TokenBase";
      const again = base.initialize("", "", 0);
      await expect(again).to.be.revertedWithCustomError(contract, `${prefix}_AlreadyInitialized`).withArgs();
      expect(await base.transfer.staticCall(other, 10n)).to.equal(true);
      await expect(base.transfer(other, 10n)).to.changeTokenBalances(base, [owner, other], [-10n, 10n]);
      await base.connect(other).approve(owner, 4n);
      await base.transferFrom(other, owner, 4n);
      expect(await base.allowance(other, owner)).to.equal(0);
      const unapproved = expect(base.transferFrom(other, owner, 1n)).to.be;
      // WETH9 gives no reason for anything.
      if (name === "StandInWrappedNative") await unapproved.revertedWithoutReason();
      else await unapproved.revertedWithCustomError(base, "ERC20InsufficientAllowance").withArgs(owner, 0n, 1n);
    });
  }

  it("StandInToken takes a permit once, from its owner and before its deadline", async () => {
    const { contract, owner, other } = await token("StandInToken");
    const stand = await ethers.getContractAt("StandInToken", await contract.getAddress());
    const { chainId } = await ethers.provider.getNetwork();
    const domain = { name: "Name", version: "1", chainId, verifyingContract: await stand.getAddress() };
    const fields = ["owner:address", "spender:address", "value:uint256", "nonce:uint256", "deadline:uint256"];
    const Permit = fields.map((field) => ({ name: field.split(":")[0], type: field.split(":")[1] }));
    const deadline = ethersLib.MaxUint256;
    const message = { owner: owner.address, spender: other.address, value: 5n, nonce: 0n, deadline };
    const { v, r, s } = Signature.from(await owner.signTypedData(domain, { Permit }, message));
    await expect(stand.permit(owner, other, 5n, 1n, v, r, s))
      .to.be.revertedWithCustomError(stand, "StandInToken_PermitExpired")
      .withArgs(1n);
    await stand.permit(owner, other, 5n, deadline, v, r, s);
    expect(await stand.allowance(owner, other)).to.equal(5);
    await expect(stand.permit(owner, other, 5n, deadline, v, r, s))
      .to.be.revertedWithCustomError(stand, "StandInToken_InvalidSigner")
      .withArgs(verifyTypedData(domain, { Permit }, { ...message, nonce: 1n }, { v, r, s }), owner);
  });

  it("WETH9 swallows unknown selectors; the bridged WETH does not; both wrap and unwrap", async () => {
    for (const name of ["StandInWrappedNative", "StandInWrappedEther"] as const) {
      const { base, owner } = await token(name);
      const wrapped = await ethers.getContractAt("StandInWrappedNative", await base.getAddress());
      await expect(wrapped.deposit({ value: 7n })).to.changeTokenBalance(base, owner, 7n);
      await owner.sendTransaction({ to: wrapped, value: 3n });
      await expect(wrapped.withdraw(10n)).to.changeEtherBalance(owner, 10n);
      const unknown = owner.sendTransaction({ to: wrapped, data: "0xdeadbeef" });
      if (name === "StandInWrappedNative") await unknown;
      else await expect(unknown).to.be.revertedWithoutReason();
    }
  });

  it("NoReturnToken moves and returns nothing", async () => {
    const { contract, base, owner, other } = await token("NoReturnToken");
    const data = base.interface.encodeFunctionData("transfer", [other.address, 1n]);
    expect(await owner.call({ to: base, data })).to.equal("0x");
    await expect(base.transfer(other, 1n)).to.changeTokenBalances(base, [owner, other], [-1n, 1n]);
    await base.approve(other, 2n);
    await expect(base.approve(other, 3n))
      .to.be.revertedWithCustomError(contract, "NoReturnToken_AllowanceNotReset")
      .withArgs(other, 2n);
    await base.connect(other).transferFrom(owner, other, 2n);
  });
});

describe("hostile tokens", () => {
  it("FeeOnTransferToken burns its fee", async () => {
    const { base, other } = await token("FeeOnTransferToken");
    const hostile = await ethers.getContractAt("FeeOnTransferToken", await base.getAddress());
    await hostile.setFeePips(10_000);
    await expect(base.transfer(other, 200n)).to.changeTokenBalance(base, other, 198n);
  });

  it("ReturnsFalseToken moves nothing and says so", async () => {
    const { base, other } = await token("ReturnsFalseToken");
    const hostile = await ethers.getContractAt("ReturnsFalseToken", await base.getAddress());
    await hostile.setHostile(true);
    expect(await base.transfer.staticCall(other, 1n)).to.equal(false);
    await expect(base.transfer(other, 1n)).to.changeTokenBalance(base, other, 0n);
  });

  it("BlacklistToken and PausableToken refuse while switched on", async () => {
    const { base, owner, other } = await token("BlacklistToken");
    const list = await ethers.getContractAt("BlacklistToken", await base.getAddress());
    await list.setBlacklisted(other, true);
    await expect(base.transfer(other, 1n))
      .to.be.revertedWithCustomError(list, "BlacklistToken_Blacklisted")
      .withArgs(other);
    await base.transfer(owner, 1n);
    const paused = await token("PausableToken");
    const pausable = await ethers.getContractAt("PausableToken", await paused.base.getAddress());
    await pausable.setPaused(true);
    await expect(paused.base.transfer(other, 1n)).to.be.revertedWithCustomError(pausable, "PausableToken_Paused");
  });

  it("DecimalsChangingToken changes its decimals and restores them", async () => {
    const { base } = await token("DecimalsChangingToken");
    const hostile = await ethers.getContractAt("DecimalsChangingToken", await base.getAddress());
    await hostile.setDecimals(18);
    expect(await base.decimals()).to.equal(18);
    await hostile.restoreDecimals();
    expect(await base.decimals()).to.equal(6);
  });

  it("GasBurningToken and ReturnBombToken do what they say", async () => {
    const { base, other } = await token("GasBurningToken");
    const burner = await ethers.getContractAt("GasBurningToken", await base.getAddress());
    await burner.setHostile(true);
    const burning = await failureOf(base.transfer(other, 1n, { gasLimit: 200_000 }));
    expect(burning.message).to.contain("invalid opcode");
    const bombed = await token("ReturnBombToken");
    const bomb = await ethers.getContractAt("ReturnBombToken", await bombed.base.getAddress());
    const data = base.interface.encodeFunctionData("transfer", [other.address, 1n]);
    await bomb.setBomb(1, 1_000_000);
    const answer = await bombed.owner.call({ to: bomb, data });
    expect(answer.length).to.equal(2 + 2_000_000);
    expect(BigInt(answer.slice(0, 66))).to.equal(1n);
    await bomb.setBomb(2, 1_000);
    expect((await failureOf(bombed.base.transfer(other, 1n))).bytes).to.equal(1_000);
    await bomb.setBomb(0, 0);
    await bombed.base.transfer(other, 1n);
  });

  it("ReentrantToken makes its call once a transfer and records the outcome", async () => {
    const { base, other } = await token("ReentrantToken");
    const hostile = await ethers.getContractAt("ReentrantToken", await base.getAddress());
    await hostile.arm(base, base.interface.encodeFunctionData("mint", [other.address, 7n]), true);
    await expect(base.transfer(other, 1n)).to.changeTokenBalance(base, other, 8n);
    await hostile.arm(base, "0xdeadbeef", false);
    await base.transfer(other, 1n);
    expect([await hostile.callCount(), await hostile.lastSuccess()]).to.deep.equal([2n, false]);
    await hostile.disarm();
    await base.transfer(other, 1n);
    expect(await hostile.callCount()).to.equal(2);
  });
});

describe("receivers", () => {
  it("CallProxy forwards calls with value and bubbles the callee's error", async () => {
    const { base, owner, other } = await token("PausableToken");
    const wallet = await ethers.deployContract("CallProxy");
    await base.transfer(wallet, 5n);
    const data = base.interface.encodeFunctionData("transfer", [other.address, 2n]);
    await wallet.executeBatch([base, base], [data, data]);
    await expect(wallet.execute(base, 0, data))
      .to.be.revertedWithCustomError(base, "ERC20InsufficientBalance")
      .withArgs(wallet, 1n, 2n);
    const [success] = await wallet.tryExecute.staticCall(base, 0, data);
    expect(success).to.equal(false);
    await expect(wallet.execute(owner, 3n, "0x", { value: 3n })).to.changeEtherBalance(owner, 0n);
  });

  it("hostile receivers refuse, burn or bomb only while switched on; the reentrant one calls back", async () => {
    const [owner] = await ethers.getSigners();
    const pay = async (to: string) => owner.sendTransaction({ to, value: 1n, gasLimit: 500_000 });
    const reverting = await ethers.deployContract("RevertingReceiver");
    const burning = await ethers.deployContract("GasBurningReceiver");
    const bomb = await ethers.deployContract("ReturnBombReceiver");
    for (const receiver of [reverting, burning, bomb]) await pay(await receiver.getAddress());
    await reverting.setHostile(true);
    await burning.setHostile(true);
    await bomb.setSizeBytes(10_000);
    await expect(pay(await reverting.getAddress())).to.be.revertedWithCustomError(
      reverting,
      "RevertingReceiver_Refused",
    );
    expect((await failureOf(pay(await burning.getAddress()))).message).to.contain("invalid opcode");
    expect((await failureOf(pay(await bomb.getAddress()))).bytes).to.equal(10_000);
    const reentrant = await ethers.deployContract("ReentrantReceiver");
    await reentrant.arm(reverting, reverting.interface.encodeFunctionData("setHostile", [false]));
    await pay(await reentrant.getAddress());
    expect([await reentrant.callCount(), await reverting.isHostile()]).to.deep.equal([1n, false]);
  });
});
