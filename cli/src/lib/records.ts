/**
 * Records of the contracts as `--json` has them: what the contracts number goes by its name, as in tables and in the SDK, and dollars have 18
 * decimals where the contracts' settings count whole ones.
 */
import {
  BetAction,
  BetStatus,
  BookStatus,
  CloseKind,
  Reason,
  SlippageModel,
  TradeStatus,
  assetKeyOf,
  marketOfBook,
  USD_DECIMALS,
  nameOf,
} from "../../../sdk/index";
import type { BetRecord, ChainFacts, MarketView, PositionView, TradeRecord } from "../../../sdk/index";

/** An order or a position. */
export function tradeValue(chain: ChainFacts, record: TradeRecord) {
  return { ...record, ...bookValue(chain, record.bookId), status: nameOf(TradeStatus, record.status) };
}

/** What a position is worth. Its packed state is left out: the trade has what is in it. */
export function worthValue({ close, position: { state: _state, ...position }, ...worth }: PositionView) {
  return { ...worth, position, close: { ...close, kind: nameOf(CloseKind, close.kind) } };
}

const WHOLE_USD = 10n ** BigInt(USD_DECIMALS);

/** A market in one mode. */
export function marketValue(chain: ChainFacts, view: MarketView) {
  const { blockedBy, bookId, config, openConfig, tiers } = view;
  return {
    ...view,
    ...bookValue(chain, bookId),
    config: {
      ...config,
      status: nameOf(BookStatus, config.status),
      slippageModel: nameOf(SlippageModel, config.slippageModel),
      lossBudgetUsd: config.lossBudgetUsd * WHOLE_USD,
      onePercentDepthUsd: config.onePercentDepthUsd * WHOLE_USD,
    },
    openConfig: {
      ...openConfig,
      maxOpenInterestUsd: openConfig.maxOpenInterestUsd * WHOLE_USD,
      minNotionalUsd: openConfig.minNotionalUsd * WHOLE_USD,
      minMarginUsd: openConfig.minMarginUsd * WHOLE_USD,
    },
    tiers: tiers.map((tier) => ({ ...tier, maxNotionalUsd: tier.maxNotionalUsd * WHOLE_USD })),
    blockedBy: nameOf(Reason, blockedBy),
  };
}

export function betValue(chain: ChainFacts, bet: BetRecord) {
  const { action, assetId, status } = bet;
  return {
    ...bet,
    asset: assetKeyOf(chain, assetId),
    status: nameOf(BetStatus, status),
    action: nameOf(BetAction, action),
  };
}

function bookValue(chain: ChainFacts, bookId: bigint) {
  const { market, mode } = marketOfBook(chain, bookId);
  return { market: `${market.asset}/USD`, mode };
}
