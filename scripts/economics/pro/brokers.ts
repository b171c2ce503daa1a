/** A broker who names himself for somebody else's account. */
import { confirmed } from "../../../kit/desk/Desk";
import { QUOTE } from "../../../sdk/model/pro";
import { nameBroker } from "../../../sdk/pro/words";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import type { Arena } from "./arena";
import { Ring } from "./Ring";

/** The largest share of a taker's fee. */
const SHARE_PIPS = 500_000;
const BROKER = 1;
const [RIGHTS, FOREVER] = [255, 2n ** 40n - 1n];
/** What the stranger takes, whole dollars, and how often, seconds. */
const [TAKEN, EVERY, TRADING_SECONDS] = [100_000, 10, 60];
const CASH = 20_000;
const GAS = 3_000_000;
/** The risk manager's delay. */
const DAY_SECONDS = 86_400;

export const BROKERS: readonly Strategy<Arena>[] = [
  {
    id: "R68",
    title: "a stranger's account opened for him, its broker named by a stranger and by a delegate",
    bound: "nothing: an owner's own word alone names his broker",
    play: (arena, draw) => play(arena, draw),
  },
];

async function play(arena: Arena, { window: { path } }: Draw): Promise<Played> {
  const { cast, hre, pro } = arena;
  const { attacker, friend, stranger } = cast;
  const { accessManager, brokerRegistry, feeDistributor, pro: contract, vault } = pro.desk.system;
  const [riskManager] = (await hre.ethers.getSigners()).slice(2);
  const [self, own] = [pro.addressOf(attacker[0]), pro.addressOf(stranger)];
  const adding = brokerRegistry.interface.encodeFunctionData("addBroker", [self, self, SHARE_PIPS]);
  await confirmed(accessManager.connect(riskManager).schedule(await brokerRegistry.getAddress(), adding, 0));
  await pro.desk.warp(DAY_SECONDS);
  await confirmed(brokerRegistry.connect(riskManager).addBroker(self, self, SHARE_PIPS));
  // He lets who attacks act for him, with every right there is.
  const owner = await hre.ethers.getSigner(own);
  await confirmed(contract.connect(owner).setDelegate(pro.ids[stranger], self, RIGHTS, FOREVER));
  return Ring.on(arena, path.slice(0, TRADING_SECONDS), [[stranger, CASH]], async (ring) => {
    const { scene } = ring;
    const send = (from: string, to: string, data: string) =>
      scene.blocks.queue({ from, to, data, gas: GAS, mayRevert: true });
    const words = [nameBroker(BigInt(BROKER))];
    const naming = contract.interface.encodeFunctionData("act", [pro.ids[stranger], [], words]);
    scene.startPath();
    let second = 0;
    await ring.seconds(TRADING_SECONDS, async () => {
      if (second % EVERY === 0) {
        for (const from of [self, pro.addressOf(friend[0])]) await send(from, pro.pro.address, naming);
        const side = (second / EVERY) % 2 === 0 ? "buy" : "sell";
        await ring.act(stranger, [ring.take(side, ring.lotsOf(TAKEN))], scene.now - 1);
      }
      second += 1;
    });
    const token = pro.desk.replica.token(pro.token.symbol);
    const { fees } = pro.exchange.state.markets[ring.market];
    const sweep = contract.interface.encodeFunctionData("sweepFees", [ring.market, [BROKER]]);
    const collect = feeDistributor.interface.encodeFunctionData("collectBroker", [BROKER, await token.getAddress()]);
    const claimable = await vault.claimableOf(token, self);
    await scene.goTo(scene.now + 1);
    await send(self, pro.pro.address, sweep);
    await send(self, await feeDistributor.getAddress(), collect);
    await scene.mine();
    pro.exchange.sweepFees(ring.market);
    const collected = ((await vault.claimableOf(token, self)) - claimable) * pro.quotePerUnit;
    return {
      // Whoever opens an account for a stranger gives him a dollar.
      gain: dollars(collected - QUOTE),
      faults: ring.faults(),
      risked: 1,
      most: 0,
      notes: { fees: dollars(fees), collected: dollars(collected) },
    };
  });
}
