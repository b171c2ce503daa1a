import type { Desk } from "../../kit/desk/Desk";
import { LocalHermes } from "../../kit/pyth/LocalHermes";
import type { AssetKey } from "../../sdk/chains";

/** A price service that signs a desk's prices, at the seconds of its chain. It listens; who asked for it closes it. */
export async function serveDeskPrices(desk: Desk): Promise<LocalHermes> {
  const { priceIds } = desk.profile.pyth;
  const assetOf = (feedId: string) =>
    Object.entries(priceIds).find(([, id]) => id === feedId)?.[0] as AssetKey | undefined;
  const priceAt = (feedId: string, time: number) => {
    const asset = assetOf(feedId);
    return asset && desk.pythPrice(asset, time);
  };
  const prices = new LocalHermes({ now: () => desk.now(), priceAt }, desk.publisher);
  await prices.listen();
  return prices;
}
