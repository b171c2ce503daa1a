/** Records of the contracts as `--json` has them: what the contracts number goes by its name, as in tables and in the SDK. */
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

/** A market in one mode. */
export function marketValue(chain: ChainFacts, view: MarketView) {
  const { blockedBy, bookId, config } = view;
  return {
    ...view,
    ...bookValue(chain, bookId),
    config: {
      ...config,
      status: nameOf(BookStatus, config.status),
      slippageModel: nameOf(SlippageModel, config.slippageModel),
    },
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
