import { expect } from "chai";
import { Mover } from "../../../scripts/console/mover";
import { readOptions } from "../../../scripts/console/options";
import { PricePath } from "../../../scripts/demo/path";
import { px } from "../../../sdk/units";

describe("console: the price of a replica", () => {
  const points = ["60000", "60010", "60020", "60030"].map((price, time) => ({
    time,
    priceX10: px(price),
    confidenceX10: 1n,
  }));
  const published: Record<string, string>[] = [];
  let mover: Mover;

  beforeEach(async () => {
    published.length = 0;
    const publish = (prices: Record<string, string>) => Promise.resolve(void published.push(prices));
    mover = new Mover(PricePath.of("a test's", null, points), 2, 1, publish, () => Promise.resolve(1_000));
    await mover.begin();
  });

  afterEach(() => mover.stop());

  it("tells what lay before the beginning, and begins with the others' own prices", () => {
    expect(mover.state.history).to.deep.equal([
      [998, "60000"],
      [999, "60010"],
      [1_000, "60020"],
    ]);
    expect(published).to.deep.equal([{ BTC: "60020", ETH: "3000", BNB: "600" }]);
  });

  it("moves by a nudge, the others with it, and to a price", async () => {
    await mover.command({ nudgePips: -10_000 });
    expect(published.at(-1)).to.deep.equal({ BTC: "59419.8", ETH: "2970", BNB: "594" });
    await mover.command({ price: "30010" });
    expect(published.at(-1)).to.deep.equal({ BTC: "30010", ETH: "1500", BNB: "300" });
  });

  it("refuses what is out of bounds and changes nothing", async () => {
    const rejected = async (command: Parameters<Mover["command"]>[0]) => {
      try {
        await mover.command(command);
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    };
    expect(await rejected({ nudgePips: -200_001 })).to.equal("a nudge is at most 20% of the price");
    expect(await rejected({ speed: 0 })).to.equal("speed lies between 1 and 600");
    expect(await rejected({ price: "0" })).to.equal("a price is above 0");
    expect(published).to.have.length(1);
  });
});

describe("console: its options", () => {
  it("has a replica unless a node is named", () => {
    expect(readOptions([])).to.include({ chain: "bnb", port: 4180, speed: 1, crowd: 6, build: true });
    expect(readOptions(["--crash", "--speed", "20", "--no-build"])).to.include({
      crash: true,
      speed: 20,
      build: false,
    });
  });

  it("refuses options that make no sense together", () => {
    expect(() => readOptions(["--deployment", "x.json"])).to.throw("name its node with --rpc");
    expect(() => readOptions(["--rpc", "http://x", "--crash"])).to.throw("a running system has its own");
    expect(() => readOptions(["--history", "x"])).to.throw("a replica's ends with it");
    expect(readOptions(["--rpc", "http://x", "--history", "x"]).history).to.equal("x");
    expect(() => readOptions(["--speed", "0"])).to.throw("--speed lies between 1 and 600");
  });
});
