import { expect } from "chai";
import { confirmed } from "../../kit/desk/Desk";
import type { Batch, Pending } from "../../kit/desk/Desk";
import { px } from "../../sdk/units";
import { RawFeed__factory } from "../../typechain-types";
import type { StandInAggregatorProxy } from "../../typechain-types";
import { itMeasuresGas } from "../dsl/instrumented";
import { beginPhase, changeAggregator } from "../fixtures/neighbours";
import { expectBalanced, loadDesk } from "./support";

const CROSSED = px("59900");
/** Behaviours of `RawFeed`; an answer of its own is set beside them. */
const BEHAVIOUR = { answer: 0, revert: 1, burnGas: 2, returnBomb: 3 } as const;
const WORD = "0".repeat(64);
const MISBEHAVING = [
  { name: "reverts", behaviour: BEHAVIOUR.revert, answer: "0x" },
  { name: "burns all gas it is given", behaviour: BEHAVIOUR.burnGas, answer: "0x" },
  { name: "answers with 100 kB", behaviour: BEHAVIOUR.returnBomb, answer: "0x" },
  { name: "answers with nothing", behaviour: BEHAVIOUR.answer, answer: "0x" },
  { name: "answers with four words of five", behaviour: BEHAVIOUR.answer, answer: `0x${WORD.repeat(4)}` },
] as const;

type Context = Awaited<ReturnType<typeof setUp>>;

async function setUp() {
  const context = await loadDesk();
  const { replica } = context;
  const proxies = [replica.feeds.BTC, replica.atlasFeeds.BTC].filter((proxy) => proxy !== undefined);
  return { ...context, proxies };
}

/** Two positions, one to be closed and one to be liquidated. */
async function openTwo({ desk, keeper, trader }: Context): Promise<[closing: bigint, liquidated: bigint]> {
  const options = { leverage: 1001, amount: desk.tokenUnits("USDT", 10n) };
  return [await desk.open(trader, keeper, options), await desk.open(trader, keeper, options)];
}

/** Executes what waits, without any feed reporting anew. */
async function settleQuietly({ desk, keeper }: Context, { asset, id, target }: Pending): Promise<string> {
  await desk.warpTo(target + 1);
  const { results } = await desk.execute(keeper, [id], [desk.firstTick(asset, target)]);
  return told(results[0]);
}

function told({ outcome, reason }: Batch["results"][number]): string {
  return reason === "None" ? outcome : reason;
}

describe("attacks: neighbours that misbehave and change", () => {
  for (const { name, behaviour, answer } of MISBEHAVING) {
    // Instrumented contracts have less left of what such a read takes.
    const tried = behaviour === BEHAVIOUR.burnGas ? itMeasuresGas : it;
    tried(
      `O07: a feed that ${name} is no anchor: nothing opens without it, and who is in comes out by another`,
      async () => {
        const context = await setUp();
        const { deployer, desk, keeper, profile, proxies, trader } = context;
        const feed = await new RawFeed__factory(deployer).deploy(8n);
        await confirmed(feed.setBehaviour(behaviour));
        await confirmed(feed.setAnswer(answer));
        for (const proxy of proxies) {
          const [closing, liquidated] = await openTwo(context);
          const working = await proxy.aggregator();
          await changeAggregator(proxy, feed, deployer);
          const outcomes = [
            await settleQuietly(context, await desk.requestOpen(trader)),
            await settleQuietly(context, await desk.requestClose(trader, closing)),
            told((await desk.liquidate(keeper, [liquidated], "BTC", { price: CROSSED })).results[0]),
          ];
          await changeAggregator(proxy, working, deployer);
          const hasOther = profile.oracle.minAnchors > 1;
          const exits = hasOther ? ["Closed", "Liquidated"] : ["AnchorsNotFresh", "AnchorsNotFresh"];
          expect(outcomes).to.deep.equal(["AnchorsNotFresh", ...exits]);
        }
        await expectBalanced(desk);
      },
    );
  }

  it("O08: a feed that begins a phase between any two steps changes nothing", async () => {
    const context = await setUp();
    const { deployer, desk, keeper, proxies, trader } = context;
    const [closing, liquidated] = await openTwo(context);
    const change = async () => {
      for (const proxy of proxies) await beginPhase(proxy, deployer);
    };
    const roundOf = async (proxy: StandInAggregatorProxy) => (await proxy.latestRoundData()).roundId;
    const before = await Promise.all(proxies.map(roundOf));
    await change();
    const pending = await desk.requestOpen(trader);
    await change();
    const { results } = await desk.settle(keeper, pending);
    expect(results[0].outcome).to.equal("Opened");
    await change();
    const close = await desk.requestClose(trader, closing);
    await change();
    expect((await desk.settle(keeper, close)).results[0].outcome).to.equal("Closed");
    await change();
    const batch = await desk.liquidate(keeper, [liquidated], "BTC", { price: CROSSED });
    expect(batch.results[0].outcome).to.equal("Liquidated");
    // Rounds carry their phase in the upper bits: they rose, and began anew below.
    for (const [index, proxy] of proxies.entries()) {
      expect((await roundOf(proxy)) >> 64n).to.equal((before[index] >> 64n) + 5n);
    }
    await expectBalanced(desk);
  });
});
