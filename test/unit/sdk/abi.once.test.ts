import type { ExtractAbiFunctionNames, AbiParametersToPrimitiveTypes, ExtractAbiFunction } from "abitype";
import { expect } from "chai";
import { artifacts } from "hardhat";
import { abiFiles } from "../../../scripts/sdk/abis";
import { Codec } from "../../../sdk/abi";
import type { Args, Returned } from "../../../sdk/abi";
import { tradingAbi, tradingLensAbi, vaultAbi } from "../../../sdk/abis";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Fails to compile for anything but true. */
const holds = <T extends true>(): T => true as T;

describe("sdk/abis", () => {
  it("are what the compiler made of the contracts", async () => {
    const { abi } = await artifacts.readArtifact("Trading");
    expect(new Codec(tradingAbi).interface.format(false)).to.deep.equal(
      new Codec(abi as never).interface.format(false),
    );
    expect([...abiFiles().keys()]).to.include.members(["Trading.ts", "Router.ts", "PythErrors.ts", "index.ts"]);
  });

  it("are typed for clients that infer types from them", () => {
    holds<Equal<Extract<"nextTradeId", ExtractAbiFunctionNames<typeof tradingAbi, "view">>, "nextTradeId">>();
    type Inputs = AbiParametersToPrimitiveTypes<ExtractAbiFunction<typeof tradingAbi, "updateTpSl">["inputs"]>;
    holds<Equal<Inputs, readonly [bigint, bigint, bigint]>>();
  });
});

describe("Codec", () => {
  it("types arguments and results by the ABI", () => {
    holds<Equal<Returned<typeof tradingAbi, "nextTradeId">, bigint>>();
    holds<Equal<Returned<typeof tradingLensAbi, "previewOpen">["preview"]["isTokenPriceAssumed"], boolean>>();
    holds<Equal<Returned<typeof vaultAbi, "tokens">, readonly string[]>>();
    holds<Equal<Args<typeof tradingAbi, "updateTpSl">, readonly [bigint | number, bigint | number, bigint | number]>>();
    holds<Equal<Returned<typeof tradingAbi, "cancelLimit">, undefined>>();
  });

  it("gives one value as it is, several by name, none as undefined", () => {
    const lens = new Codec(tradingLensAbi);
    const trading = new Codec(tradingAbi);
    const number = trading.interface.encodeFunctionResult("nextTradeId", [7n]);
    expect(trading.decode("nextTradeId", number)).to.equal(7n);
    const page = lens.interface.encodeFunctionResult("tradesOf", [[], 9n]);
    expect(lens.decode("tradesOf", page)).to.deep.equal({ records: [], next: 9n });
    expect(trading.decode("cancelLimit", "0x")).to.equal(undefined);
  });

  it("reads events, and none of others", () => {
    const trading = new Codec(tradingAbi);
    const owner = "0x00000000000000000000000000000000000000AA";
    const log = trading.interface.encodeEventLog("OrderCancelled", [3n, owner, 5n]);
    expect(trading.event(log)).to.deep.equal({ name: "OrderCancelled", args: { id: 3n, owner, refund: 5n } });
    expect(new Codec(vaultAbi).event(log)).to.equal(undefined);
  });
});
