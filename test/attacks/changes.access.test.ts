import { expect } from "chai";
import { Signature, ZeroHash } from "ethers";
import type { ContractTransactionResponse, Signer } from "ethers";
import { ethers } from "hardhat";
import type { TokenProfile } from "../../deploy/profiles";
import { confirmed } from "../../kit/desk/Desk";
import { requestLimit, requestPartialClose } from "../../kit/desk/orders";
import { px } from "../../sdk/units";
import { executeAt, nextBlockAt, openPosition, start } from "../unit/trading/setup";
import type { Fixture } from "../unit/trading/setup";
import { expectBalanced, stateOf } from "./support";
import { revertOf } from "../dsl/reverts";

const FAR = 2 ** 40 - 1;
const AMOUNT = 1_000_003n;

/** A Standard position in the first token that has permits, or in the first of all; its owner has taken back allowances. */
async function permitted() {
  const fixture = await start();
  const { desk, profile, trader, trading } = fixture;
  const token = profile.tokens.find(({ kind }) => kind === "permit") ?? profile.tokens[0];
  const unit = 10n ** BigInt(token.decimals);
  const amount = (300n * 10n ** 10n * unit) / desk.priceOf(token.assetKey);
  const { id } = await openPosition(fixture, { mode: "standard", token: token.symbol, amount });
  await confirmed(desk.replica.token(token.symbol).connect(trader).approve(trading, 0n));
  return { ...fixture, id, token };
}

/** What a wallet signs for Trading, with changes. */
async function signed(
  { trading, trader }: Fixture,
  token: TokenProfile,
  change: { signer?: Signer; spender?: string; deadline?: number; nonce?: bigint; chainId?: bigint } = {},
): Promise<Signature> {
  const erc20 = await ethers.getContractAt("ERC20Permit", token.address);
  const { chainId } = await ethers.provider.getNetwork();
  const types = {
    Permit: ["owner", "spender", "value", "nonce", "deadline"].map((name) => ({
      name,
      type: name === "owner" || name === "spender" ? "address" : "uint256",
    })),
  };
  const { chainId: id = chainId, signer = trader, deadline = FAR } = change;
  const domain = { name: await erc20.name(), version: "1", chainId: id, verifyingContract: token.address };
  const spender = change.spender ?? (await trading.getAddress());
  const nonce = change.nonce ?? (await erc20.nonces(trader));
  const message = { owner: trader.address, spender, value: AMOUNT, nonce, deadline };
  return Signature.from(await (signer as typeof trader).signTypedData(domain, types, message));
}

describe("attacks: who may change a trade, and when", () => {
  it("S01 S02 S03: a permit for margin works once, in time, for Trading and its signer; brought first by another, too", async () => {
    const fixture = await permitted();
    const { id, token, trading, tradingRecords, trader, stranger, desk } = fixture;
    const erc20 = desk.replica.token(token.symbol);
    const bring = (sign: Signature, deadline = FAR): Promise<ContractTransactionResponse> =>
      trading.connect(trader).addMarginWithPermit(id, AMOUNT, deadline, sign.v, sign.r, sign.s);
    const before = await stateOf(desk, [id]);
    if (token.kind !== "permit") {
      const none = Signature.from({ r: `0x${"11".repeat(32)}`, s: `0x${"11".repeat(32)}`, v: 27 });
      expect(await revertOf(bring(none))).to.equal(
        `ERC20InsufficientAllowance(${await trading.getAddress()},0,${AMOUNT})`,
      );
      expect(await stateOf(desk, [id])).to.equal(before);
      return;
    }
    for (const [bad, deadline] of [
      [await signed(fixture, token, { signer: stranger }), FAR],
      [await signed(fixture, token, { spender: stranger.address }), FAR],
      [await signed(fixture, token, { deadline: 1 }), 1],
      [await signed(fixture, token, { nonce: 7n }), FAR],
      [await signed(fixture, token, { chainId: 1n }), FAR],
      [await signed(fixture, token), FAR - 1],
    ] as const) {
      expect(await revertOf(bring(bad, deadline))).to.equal(
        `ERC20InsufficientAllowance(${await trading.getAddress()},0,${AMOUNT})`,
      );
    }
    expect(await stateOf(desk, [id])).to.equal(before);

    // Somebody brings it to the token before: its allowance is there, and serves nobody but its signer.
    const good = await signed(fixture, token);
    const permit = await ethers.getContractAt("ERC20Permit", token.address);
    await confirmed(permit.connect(stranger).permit(trader, trading, AMOUNT, FAR, good.v, good.r, good.s));
    await expect(trading.connect(stranger).addMarginWithPermit(id, AMOUNT, FAR, good.v, good.r, good.s))
      .to.be.revertedWithCustomError(trading, "Trading_NotOwner")
      .withArgs(id, stranger.address);
    await expect(bring(good)).to.emit(trading, "PermitSkipped").and.to.emit(trading, "MarginAdded");
    expect((await tradingRecords.extraOf(id)).addedMargin).to.equal(AMOUNT);
    // Replayed it is worth nothing: the allowance is used up.
    expect(await revertOf(bring(good))).to.equal(
      `ERC20InsufficientAllowance(${await trading.getAddress()},0,${AMOUNT})`,
    );
    await expect(bring(await signed(fixture, token)))
      .to.emit(trading, "PermitUsed")
      .withArgs(token.address, trader.address, AMOUNT);
    expect((await tradingRecords.extraOf(id)).addedMargin).to.equal(2n * AMOUNT);
    expect(await erc20.allowance(trader, trading)).to.equal(0n);
    await expectBalanced(desk);
  });

  it("S03: a token that swallows a permit in its fallback lets nobody's coins be taken", async () => {
    const fixture = await start();
    const { desk, trading, trader, profile, stranger } = fixture;
    const token = profile.tokens.find(({ symbol }) => symbol === profile.wrappedNativeSymbol);
    if (token === undefined) throw new Error("no wrapped native coin");
    const { id } = await openPosition(fixture, {
      mode: "standard",
      leverage: 10,
      token: token.symbol,
      amount: 10n ** 18n,
    });
    await confirmed(desk.replica.token(token.symbol).connect(trader).approve(trading, 0n));
    const before = await stateOf(desk, [id]);
    // BNB's wrapped coin says nothing when an allowance is missing.
    const missing = `ERC20InsufficientAllowance(${await trading.getAddress()},0,${AMOUNT})`;
    for (const [by, error] of [
      [trader, profile.key === "bnb" ? "no reason" : missing],
      [stranger, `Trading_NotOwner(${id},${stranger.address})`],
    ] as const) {
      const sent = trading.connect(by).addMarginWithPermit(id, AMOUNT, FAR, 27, ZeroHash, ZeroHash);
      expect(await revertOf(sent)).to.equal(error);
    }
    expect(await stateOf(desk, [id])).to.equal(before);
  });

  for (const level of [0, 1, 2, 3]) {
    it(`S07 I23: at level ${level} what owners change goes on up to 2, and cancellations always`, async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader, breaker, guardian } = fixture;
      const amount = desk.tokenUnits("USDT", 1_000n);
      const { id, model } = await openPosition(fixture, { mode: "standard", amount });
      const resting = { mode: "standard", acceptablePrice: px("59000"), deadline: FAR } as const;
      const limit = await requestLimit(desk, trader, resting);
      const reached = await requestLimit(desk, trader, { ...resting, acceptablePrice: px("60100") });
      const request = await desk.openRequest(trader, resting);
      if (level > 0) await confirmed(breaker.connect(guardian).raise(level));
      const connected = trading.connect(trader);
      const isHeld = async (sent: Promise<ContractTransactionResponse>, isAllowed: boolean): Promise<void> => {
        if (isAllowed) await confirmed(sent);
        else {
          await expect(sent).to.be.revertedWithCustomError(trading, "Trading_BreakerRaised").withArgs(level);
        }
      };
      await isHeld(connected.requestLimit(request), level === 0);
      await isHeld(connected.updateTpSl(id, px("60300"), px("59500")), level <= 2);
      await isHeld(connected.updateTpSl(limit.id, px("59300"), 0n), level <= 2);
      await isHeld(connected.addMargin(id, 1n), level <= 2);
      await isHeld(connected.addMarginWithPermit(id, 1n, FAR, 27, ZeroHash, ZeroHash), level <= 2);
      await isHeld(connected.requestPartialClose(id, model.size / 2n, 0n, FAR), level <= 2);

      const now = Math.max(reached.target, await desk.now()) + 1;
      const limits = await executeAt(fixture, now, [reached.id], [desk.anyTick("BTC", now)]);
      expect(limits.outcomes).to.deep.equal([level === 0 ? "Opened" : "Skipped BreakerRaised"]);
      if (level <= 2) {
        const { target } = await tradingRecords.closeOf(id);
        const at = Math.max(Number(target), await desk.now()) + 1;
        const part = await executeAt(fixture, at, [id], [desk.firstTick("BTC", Number(target))]);
        expect(part.outcomes).to.deep.equal(["Reduced"]);
        // Its triggers, too, are pulled.
        const time = (await desk.now()) + 10;
        const taken = await executeAt(fixture, time, [id], [desk.anyTick("BTC", time, { price: px("60300") })]);
        expect(taken.outcomes).to.deep.equal(["Closed"]);
      } else {
        const time = (await desk.now()) + 10;
        const tick = desk.anyTick("BTC", time, { price: px("70000") });
        expect((await executeAt(fixture, time, [id], [tick])).outcomes[0]).to.match(/^Skipped/);
      }
      await isHeld(connected.cancelLimit(limit.id), true);
      await nextBlockAt((await desk.now()) + 6);
      await isHeld(trading.cancelExpired(limit.id), true);
      expect(await desk.statusOf(limit.id)).to.equal("None");
      await expectBalanced(desk);
    });
  }

  it("S02: parts and limits of one trader are out of reach of his own other accounts, whatever broker they share", async () => {
    const fixture = await start();
    const { desk, trading, trader, other } = fixture;
    const amount = desk.tokenUnits("USDT", 1_000n);
    const { id, model } = await openPosition(fixture, { mode: "standard", amount, broker: 1 });
    const limit = await requestLimit(desk, trader, { mode: "standard", broker: 1, acceptablePrice: px("59000") });
    const part = await requestPartialClose(desk, trader, id, model.size / 2n);
    const before = await stateOf(desk, [id, limit.id]);
    const connected = trading.connect(other);
    for (const [of, sent] of [
      [id, () => connected.updateTpSl(id, 0n, 1n)],
      [limit.id, () => connected.updateTpSl(limit.id, 0n, 1n)],
      [id, () => connected.addMargin(id, 1n)],
      [limit.id, () => connected.cancelLimit(limit.id)],
      [id, () => connected.requestPartialClose(id, 1n, 0n, FAR)],
    ] as const) {
      await expect(sent()).to.be.revertedWithCustomError(trading, "Trading_NotOwner").withArgs(of, other.address);
    }
    expect(await stateOf(desk, [id, limit.id])).to.equal(before);
    expect(part.target).to.be.above(0);
  });
});
