import { Codec } from "../abi";
import { accessManagerAbi, breakerAbi } from "../abis";
import { accountOf } from "../connection";
import type { Connection } from "../connection";
import { query } from "../reading";

const BREAKER = new Codec(breakerAbi);
const MANAGER = new Codec(accessManagerAbi);
/** Of `raise`. */
const RAISE = BREAKER.encode("raise", [1]).slice(0, 10);

/** What the breaker lets happen, and the times that it goes by, in Unix seconds. */
export interface BreakerState {
  /** In force, 0 to 3: a 3 that is over counts as the 2 that it fell to. */
  readonly level: number;
  /** Openings, bets and mints may be requested and executed: at level 0. */
  readonly canOpen: boolean;
  /** Positions may be closed, triggered and given margin, bets settled: at level 2 or below. */
  readonly canClose: boolean;
  /** At level 2 or below, once the grace period after a level 3 is over. */
  readonly canLiquidate: boolean;
  /** At level 1 or below, or once level 2 has blocked burning for as long as it can. */
  readonly canBurn: boolean;
  /** When it was last raised: by this a call that lowers it names the raise that it undoes. */
  readonly raisedAt: number;
  /** The time less all seconds of level 3: it stands still while one is in force. Carry and loss budgets run on it. */
  readonly clock: number;
  /** When the last level 3 ends or ended; 0 if there never was one. */
  readonly haltEndsAt: number;
  /** From when on there can be another level 3; 0 if there never was one. */
  readonly haltAllowedFrom: number;
  /** When liquidations are allowed again after the last level 3; 0 if there never was one. */
  readonly liquidationsAllowedFrom: number;
  /** When level 2 stops blocking burning, as long as no level 3 is in force then; 0 while the level is below 2. */
  readonly burnAllowedFrom: number;
}

/** The circuit breaker, read alone: the guardian raises it, the risk manager lowers it. */
export class BreakerClient {
  constructor(private readonly connection: Connection) {}

  /** The level now and all that follows from it, of one block. */
  async state(): Promise<BreakerState> {
    const { reader } = this.connection;
    const [level, canOpen, canClose, canLiquidate, canBurn, ...times] = await reader.all([
      query(BREAKER, this.address, "level", []),
      query(BREAKER, this.address, "canOpen", []),
      query(BREAKER, this.address, "canClose", []),
      query(BREAKER, this.address, "canLiquidate", []),
      query(BREAKER, this.address, "canBurn", []),
      query(BREAKER, this.address, "raisedAt", []),
      query(BREAKER, this.address, "clock", []),
      query(BREAKER, this.address, "haltEndsAt", []),
      query(BREAKER, this.address, "HALT_COOLDOWN", []),
      query(BREAKER, this.address, "liquidationsAllowedFrom", []),
      query(BREAKER, this.address, "burnAllowedFrom", []),
    ]);
    const [raisedAt, clock, haltEndsAt, cooldown, liquidationsAllowedFrom, burnAllowedFrom] = times.map(Number);
    return {
      ...{ level: Number(level), canOpen, canClose, canLiquidate, canBurn, raisedAt, clock, haltEndsAt },
      haltAllowedFrom: haltEndsAt === 0 ? 0 : haltEndsAt + cooldown,
      ...{ liquidationsAllowedFrom, burnAllowedFrom },
    };
  }

  /** The level in force now, 0 to 3. */
  async level(): Promise<number> {
    return Number(await this.connection.reader.one(query(BREAKER, this.address, "level", [])));
  }

  /** Whether an account, the signer's by default, may raise the level at once, as the guardian may. */
  async mayRaise(account?: string): Promise<boolean> {
    const { contracts, reader } = this.connection;
    const caller = await accountOf(this.connection, account);
    const { immediate } = await reader.one(
      query(MANAGER, contracts.accessManager, "canCall", [caller, this.address, RAISE]),
    );
    return immediate;
  }

  private get address(): string {
    return this.connection.contracts.breaker;
  }
}
