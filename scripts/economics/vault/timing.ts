/** Choosing which of two orders fills, a close that is withheld, limits that rested through a pause. */
import * as model from "../../../sdk/model";
import { usd } from "../../../sdk/units";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import { Floor } from "./Floor";
import type { Order } from "./Floor";
import { dollarOf } from "./house";
import type { House } from "./house";
import { bookOf, keeping, largestOrder, liquidationLoss, profitCap } from "./keeper";

const LEVERAGE = 1001;
const FEE = usd("0.5");
const DEGEN = { mode: "degen", leverage: LEVERAGE } as const;
/** Between two straddles. */
const ROUND_SECONDS = 12;
/** A close is executed by somebody honest so late, of the 30 s that it may take. */
const WITHHELD_SECONDS = 28;
const NEWS_SECONDS = 60;
/** Resting limits on each side, how far apart, and what each is worth. */
const [LIMITS, STEP_PIPS, LIMIT_USD] = [5, 800n, usd("100000")];
const DEPOSIT = usd("3000000");
const MILLION = 1_000_000n;

export const TIMING: readonly Strategy<House>[] = [
  {
    id: "A30",
    title: "a straddle at 1001x on the last reserve of a token, filled by the next second's price",
    bound: "the loss budget of the book, an hour",
    play: (house, draw) => Floor.on(house, draw.window.path, (floor) => straddle(floor, draw)),
  },
  {
    id: "A31",
    title: "a victim's close withheld, every later tick tried on it",
    bound: "nothing: a pending close shields from ticks at and after its own",
    play: (house, draw) => Floor.on(house, draw.window.path, (floor) => withhold(floor, draw)),
  },
  {
    id: "A34",
    title: "three millions minted before limits that rested through a news window",
    bound: "the largest deviation on what fills, by the minter's share",
    play: (house, draw) => Floor.on(house, draw.window.path, (floor) => fillGap(floor)),
  },
];

async function straddle(floor: Floor, { window: { path } }: Draw): Promise<Played> {
  const { trading, vault } = floor.desk.system;
  const token = floor.tokenOf(floor.desk.profile.wrappedNativeSymbol);
  const margin = largestOrder(floor, DEGEN);
  const reserve = BigInt(Math.round(profitCap(floor, DEGEN) * 1e6)) * margin;
  // Room for one of the two.
  const ceiling = model.toTokensDown((reserve * 15n) / 10n / MILLION, floor.quoteOf(token.symbol));
  await floor.send("guardian", vault, "cutCeiling", [await trading.getAddress(), token.address, ceiling]);
  await floor.next();
  const before = await floor.purseOf("attacker", "friend");
  const order = { ...DEGEN, token: token.symbol, amount: margin + FEE };
  const each = keeping(floor);
  let [rounds, filled] = [0, 0];
  floor.go();
  while (floor.second + ROUND_SECONDS < path.seconds) {
    const placed = await floor.place([
      { ...order, by: "attacker", isLong: true },
      { ...order, by: "friend", isLong: false },
    ]);
    const [{ target }] = placed;
    await floor.until(target);
    await floor.next();
    const isUp = floor.priceAt("BTC", floor.now) > floor.priceAt("BTC", target);
    const liked = isUp ? placed : [placed[1], placed[0]];
    const items = liked.map(({ id }) => ({ id, proof: floor.firstTick(target) }));
    await floor.execute("attacker", items, { isFirst: true });
    await floor.mine();
    filled += placed.filter(({ id }) => floor.open.has(id)).length;
    await floor.next();
    await floor.settle("attacker", await floor.askToClose([...floor.open.values()]), each);
    rounds += 1;
    await floor.next();
  }
  floor.stand();
  await floor.closeAll("attacker", each);
  const gain = await floor.gainSince(before);
  const budget = bookOf(floor, DEGEN).lossBudgetUsd;
  return {
    ...{ gain: dollars(gain), risked: dollars(margin * BigInt(rounds)), most: dollars(budget) },
    notes: { rounds, filled },
  };
}

async function withhold(floor: Floor, { random }: Draw): Promise<Played | undefined> {
  const margin = usd("100");
  const order: Order = { ...DEGEN, by: "trader", isLong: random() < 0.5, amount: margin + FEE };
  const [victim] = await floor.fill("keeper", [order]);
  floor.go();
  await floor.next();
  const target = (await floor.askToClose([victim])).get(victim.id)!;
  const isCrossed = (time: number) =>
    (Number(floor.priceAt("BTC", time)) / Number(victim.entry) - 1) * (victim.isLong ? -1 : 1) * LEVERAGE >=
    liquidationLoss(floor, DEGEN);
  await floor.until(target);
  for (let time = victim.openedAt; time <= target; time++) if (isCrossed(time)) return undefined;
  let tries = 0;
  await floor.until(target + WITHHELD_SECONDS - 1, async () => {
    const crossed = Array.from({ length: floor.now - target }, (_, index) => target + 1 + index).filter(isCrossed);
    for (const time of crossed.slice(-3)) {
      tries += 1;
      await floor.liquidate("attacker", [victim.id], floor.anyTick(time));
    }
  });
  if (tries === 0) return undefined;
  await floor.next();
  await floor.execute("other", [{ id: victim.id, proof: floor.firstTick(target) }]);
  await floor.mine();
  const end = floor.ended.get(victim.id);
  const isSpared = end?.name === "TradeClosed";
  return { gain: isSpared ? 0 : dollars(margin), risked: dollars(margin), most: 0, notes: { tries } };
}

async function fillGap(floor: Floor): Promise<Played | undefined> {
  const { trading, tradingConfigurator } = floor.desk.system;
  const mode = "standard";
  const price = floor.priceAt("BTC", floor.now);
  const { maxOpenDeviationPips, openFeePips } = bookOf(floor, { mode });
  const amount = LIMIT_USD / 10n + (LIMIT_USD * BigInt(openFeePips)) / MILLION + usd("1");
  const limits = Array.from({ length: LIMITS }, (_, index) => STEP_PIPS * BigInt(index + 1)).flatMap((pips): Order[] =>
    [true, false].map((isLong) => {
      const limit = (price * (MILLION + (isLong ? -pips : pips))) / MILLION / 100n;
      return { by: "trader", isLong, mode, leverage: 10, amount, limit: limit * 100n };
    }),
  );
  await floor.next();
  const placed = await floor.place(limits);
  await floor.until(placed[0].target);
  const news = [await trading.getAddress(), floor.desk.bookId("BTC", mode), NEWS_SECONDS];
  await floor.send("guardian", tradingConfigurator, "startNewsWindow", news);
  await floor.mine();
  floor.go();
  await floor.until(floor.now + NEWS_SECONDS + 1);
  await floor.next();
  floor.stand();
  const market = floor.priceAt("BTC", floor.now);
  const through = placed.filter(({ isLong, limit = 0n }) => (isLong ? market < limit : market > limit));
  if (through.length === 0) return undefined;
  const dollar = dollarOf(floor.desk);
  const [before, shares] = [await floor.purseOf("attacker"), await floor.sharesOf("attacker")];
  await floor.mint("attacker", dollar, model.toTokensDown(DEPOSIT, floor.quoteOf(dollar)), floor.now, {
    mayRevert: true,
  });
  const proof = floor.anyTick(floor.now);
  await floor.execute(
    "keeper",
    through.map(({ id }) => ({ id, proof })),
  );
  await floor.mine();
  const filled = [...floor.open.values()];
  const { alp } = floor.desk.system;
  const minted = (await floor.sharesOf("attacker")) - shares;
  const share = Number(minted) / Number(await alp.totalSupply());
  await floor.closeAll("keeper", keeping(floor));
  await floor.rest(floor.desk.profile.vault.cooldownSeconds);
  // Where sources lie too far apart nobody mints.
  if (minted > 0n) await floor.burn("attacker", dollar, minted);
  await floor.mine();
  const gain = await floor.gainSince(before);
  const notional = filled.reduce((sum, { entry, size }) => sum + entry * size, 0n);
  return {
    gain: dollars(gain),
    risked: dollars(DEPOSIT),
    most: dollars((notional * BigInt(maxOpenDeviationPips)) / MILLION) * share,
    notes: { through: through.length, filled: filled.length },
  };
}
