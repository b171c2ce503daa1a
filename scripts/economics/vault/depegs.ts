/** Tokens that are worth less than the vault is told, or that its sources disagree about. */
import { normal } from "../../../kit/prices";
import * as model from "../../../sdk/model";
import { px, usd } from "../../../sdk/units";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import { Floor } from "./Floor";
import type { Order } from "./Floor";
import { dollarOf } from "./house";
import type { House } from "./house";
import { keeping } from "./keeper";

const DEPOSIT = usd("1000000");
const COIN_DEPOSIT = usd("3000000");
const BILLION = 1_000_000_000n;
/** Standard deviation of a dollar's fall, and the largest discount of a coin. */
const [FALL, DISCOUNT] = [0.005, 0.02];
/** A mint's tick is no older. */
const OLDEST_TICK = 5;
/** Seconds of a dispute. */
const DISPUTE_SECONDS = 40;
/** After so many every feed has reported what is true. */
const HEARTBEAT_SECONDS = 70;
/** Of a margin, lost at a price that nobody disputes: from here on a victim is no longer healthy. */
const HEALTHY = 0.5;

export const DEPEGS: readonly Strategy<House>[] = [
  {
    id: "A19",
    title: "a dollar minted that fell before its feed, its tick showing it",
    bound: "nothing: a mint takes the low end of tick and feeds",
    play: (house, draw) => Floor.on(house, draw.window.path, (floor) => mintFallen(floor, draw, true)),
  },
  {
    id: "A19",
    title: "the same by the tick of five seconds before",
    bound: "the fall that neither tick nor feed shows yet, on what is minted",
    play: (house, draw) => Floor.on(house, draw.window.path, (floor) => mintFallen(floor, draw, false)),
  },
  {
    id: "A19",
    title: "three millions of a wrapped coin below its coin, burned into dollars",
    bound: "the discount on what the largest share lets in",
    play: (house, draw) => Floor.on(house, draw.window.path, (floor) => mintCheapCoin(floor, draw)),
  },
  {
    id: "A20",
    title: "a healthy position, and a pair that closes, while a token's feeds disagree",
    bound: "nothing: due at both ends, paid at the worse",
    play: (house, draw) => Floor.on(house, draw.window.path, (floor) => disputeToken(floor, draw)),
  },
];

async function mintFallen(floor: Floor, { random }: Draw, isShown: boolean): Promise<Played> {
  const share = Math.min(0.04, Math.abs(normal(random)) * FALL);
  const [dollar, other] = floor.desk.profile.tokens;
  const fallen = ((px("1") * BigInt(Math.round((1 - share) * 1e9))) / BILLION / 100n) * 100n;
  await floor.until(floor.now + OLDEST_TICK);
  await floor.next();
  const shares = await floor.sharesOf("attacker");
  const amount = DEPOSIT / 10n ** BigInt(18 - dollar.decimals);
  if (isShown) floor.prices.set(dollar.assetKey, fallen);
  await floor.mint("attacker", dollar.symbol, amount, floor.now - (isShown ? 0 : OLDEST_TICK), { mayRevert: true });
  floor.prices.set(dollar.assetKey, fallen);
  const before = await floor.purseOf("attacker");
  await floor.mine();
  await floor.rest(floor.desk.profile.vault.cooldownSeconds);
  const minted = (await floor.sharesOf("attacker")) - shares;
  if (minted > 0n) await floor.burn("attacker", other.symbol, minted);
  await floor.mine();
  const gain = await floor.gainSince(before);
  const most = isShown ? 0 : dollars(DEPOSIT) * share;
  return { gain: dollars(gain), risked: dollars(DEPOSIT), most, notes: { fall: share, isMinted: Number(minted > 0n) } };
}

async function mintCheapCoin(floor: Floor, { random }: Draw): Promise<Played | undefined> {
  const coin = floor.desk.profile.tokens.find(({ symbol }) => symbol === "BTCB" || symbol === "WBTC");
  if (coin === undefined) return undefined;
  const discount = random() * DISCOUNT;
  const shares = await floor.sharesOf("attacker");
  const before = await floor.purseOf("attacker");
  await floor.next();
  await floor.mint("attacker", coin.symbol, model.toTokensDown(COIN_DEPOSIT, floor.quoteOf(coin.symbol)));
  await floor.mine();
  await floor.rest(floor.desk.profile.vault.cooldownSeconds);
  await floor.burn("attacker", dollarOf(floor.desk), (await floor.sharesOf("attacker")) - shares);
  await floor.mine();
  // At the coin's price his is as if it had been worth that; he bought it below.
  const saved = discount * dollars(COIN_DEPOSIT);
  const gain = dollars(await floor.gainSince(before)) + saved;
  return { gain, risked: dollars(COIN_DEPOSIT), most: saved, notes: { discount } };
}

async function disputeToken(floor: Floor, { random }: Draw): Promise<Played | undefined> {
  const { profile } = floor.desk;
  const token = profile.tokens.find(
    ({ assetKey, margin }) =>
      margin && assetKey !== "BTC" && profile.chainlink[assetKey] && profile.binance?.atlas[assetKey],
  );
  if (token === undefined) return undefined;
  const { assetKey: asset, symbol } = token;
  const part = BigInt(Math.round((0.02 + random() * 0.48) * 1e6));
  const truth = floor.priceAt(asset, floor.now);
  const forged = ((truth * (1_000_000n - part)) / 1_000_000n / 100n) * 100n;
  const terms = { mode: "standard", token: symbol } as const;
  const orders: Order[] = [
    { ...terms, by: "trader", isLong: random() < 0.5, leverage: 100, amount: usd("1200") },
    { ...terms, by: "attacker", isLong: true, leverage: 50, amount: usd("2000") },
    { ...terms, by: "friend", isLong: false, leverage: 50, amount: usd("2000") },
  ];
  const before = await floor.purseOf("attacker", "friend");
  const [victim, ...pair] = await floor.fill("keeper", orders);
  floor.go();
  const lossOf = () =>
    (Number(floor.priceAt("BTC", floor.now)) / Number(victim.entry) - 1) * (victim.isLong ? -1 : 1) * victim.leverage;
  let tries = 0;
  const dispute = async () => {
    if (floor.now % 10 === 0) await floor.forge(asset, "atlas", forged);
    if (tries > 0 && lossOf() < HEALTHY) await floor.liquidate("attacker", [victim.id], floor.anyTick(floor.now));
    tries += 1;
  };
  await floor.forge(asset, "atlas", forged);
  await floor.untilSecond(DISPUTE_SECONDS, dispute);
  if (floor.ended.get(victim.id)?.name === "TradeLiquidated") {
    return { gain: dollars(usd("1000")), risked: dollars(usd("1000")), most: 0, notes: { liquidated: "healthy" } };
  }
  const open = pair.filter(({ id }) => floor.open.has(id));
  const targets = await floor.askToClose(open);
  await floor.until(Math.max(floor.now, ...targets.values()), dispute);
  await floor.next();
  // In a dispute only its owner closes a position.
  for (const { by, id } of open) await floor.execute(by, [{ id, proof: floor.firstTick(targets.get(id)!) }]);
  await floor.mine();
  const closed = open.filter(({ id }) => floor.ended.get(id)?.name === "TradeClosed").length;
  floor.stand();
  await floor.until(floor.now + HEARTBEAT_SECONDS);
  await floor.closeAll("keeper", keeping(floor));
  const gain = await floor.gainSince(before);
  return { gain: dollars(gain), risked: dollars(usd("4000")), most: 0, notes: { apart: Number(part) / 1e6, closed } };
}
