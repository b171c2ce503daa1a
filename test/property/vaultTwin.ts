/** What a refused operation reverts with: an error of the vault and its arguments. */
export interface Refusal {
  error: string;
  args: (bigint | string)[];
}

export interface TwinLine {
  collateral: bigint;
  reserved: bigint;
  ceiling: bigint;
}

export interface Division {
  collateral: bigint;
  reserve: bigint;
  toFees: bigint;
  executor: bigint;
  armer: bigint;
  payout: bigint;
}

const PIPS = 1_000_000n;

/**
 * One token of the vault, written from the description of its books and not from the contract: who owns which part of
 * the balance. Every operation answers what it refuses with, or `null` once it is booked.
 */
export class VaultTwin {
  balance = 0n;
  liquidity = 0n;
  fees = 0n;
  maxUtilizationPips: bigint;
  readonly lines: TwinLine[];
  readonly claims: bigint[];
  readonly refused: boolean[];

  /**
   * @param names Addresses of the token and of the accounts, which errors name.
   */
  constructor(
    products: number,
    maxUtilizationPips: bigint,
    private readonly names: { token: string; accounts: readonly string[] },
  ) {
    const accounts = names.accounts.length;
    this.maxUtilizationPips = maxUtilizationPips;
    this.lines = Array.from({ length: products }, () => ({ collateral: 0n, reserved: 0n, ceiling: 0n }));
    this.claims = Array.from({ length: accounts }, () => 0n);
    this.refused = Array.from({ length: accounts }, () => false);
  }

  get reserved(): bigint {
    return this.lines.reduce((sum, { reserved }) => sum + reserved, 0n);
  }

  get collateral(): bigint {
    return this.lines.reduce((sum, { collateral }) => sum + collateral, 0n);
  }

  get claimable(): bigint {
    return this.claims.reduce((sum, claim) => sum + claim, 0n);
  }

  /** What the vault holds beyond what it owes. */
  get surplus(): bigint {
    return this.balance - this.liquidity - this.collateral - this.fees - this.claimable;
  }

  deposit(product: number, amount: bigint): Refusal | null {
    if (amount === 0n) return { error: "Vault_NothingArrived", args: [this.names.token] };
    this.lines[product].collateral += amount;
    this.balance += amount;
    return null;
  }

  addLiquidity(amount: bigint): Refusal | null {
    if (amount === 0n) return { error: "Vault_NothingArrived", args: [this.names.token] };
    this.liquidity += amount;
    this.balance += amount;
    return null;
  }

  donate(amount: bigint): null {
    this.balance += amount;
    return null;
  }

  /** Whether there is room for an opening: if not, it is not booked and nothing reverts. */
  hasRoom(product: number, reserve: bigint, toLiquidity: bigint): boolean {
    const { reserved, ceiling } = this.lines[product];
    if (reserved + reserve > ceiling) return false;
    return (this.reserved + reserve) * PIPS <= (this.liquidity + toLiquidity) * this.maxUtilizationPips;
  }

  open(
    product: number,
    division: Pick<Division, "reserve" | "toFees" | "executor"> & { toLiquidity: bigint },
    executor: number,
  ): Refusal | null {
    const { reserve, toFees, toLiquidity } = division;
    const line = this.lines[product];
    if (!this.hasRoom(product, reserve, toLiquidity)) return null;
    const outgoings = toLiquidity + toFees + division.executor;
    if (outgoings > line.collateral) return { error: "Vault_CollateralExceeded", args: [outgoings, line.collateral] };
    line.collateral -= outgoings;
    line.reserved += reserve;
    this.liquidity += toLiquidity;
    this.fees += toFees;
    this.claims[executor] += division.executor;
    return null;
  }

  settle(product: number, division: Division, executor: number, armer: number, receiver: number): Refusal | null {
    const { collateral, reserve, toFees, payout } = division;
    const line = this.lines[product];
    if (collateral > line.collateral) return { error: "Vault_CollateralExceeded", args: [collateral, line.collateral] };
    if (reserve > line.reserved) return { error: "Vault_ReserveExceeded", args: [reserve, line.reserved] };
    const outgoings = toFees + division.executor + division.armer + payout;
    if (outgoings > collateral + reserve) return { error: "Vault_Overdrawn", args: [outgoings, collateral + reserve] };
    line.collateral -= collateral;
    line.reserved -= reserve;
    this.liquidity += collateral - outgoings;
    this.fees += toFees;
    this.claims[executor] += division.executor;
    this.claims[armer] += division.armer;
    this.pay(receiver, payout);
    return null;
  }

  removeLiquidity(amount: bigint, receiver: number): Refusal | null {
    const free = this.liquidity - this.reserved;
    if (amount > free) return { error: "Vault_LiquidityReserved", args: [amount, free] };
    this.liquidity -= amount;
    this.pay(receiver, amount);
    return null;
  }

  allocateFees(amount: bigint, account: number): Refusal | null {
    if (amount > this.fees) return { error: "Vault_FeesExceeded", args: [amount, this.fees] };
    this.fees -= amount;
    this.claims[account] += amount;
    return null;
  }

  claim(account: number, receiver: number): Refusal | null {
    const amount = this.claims[account];
    const { token, accounts } = this.names;
    if (amount === 0n) return { error: "Vault_NothingToClaim", args: [token, accounts[account]] };
    if (this.refused[receiver]) return { error: "Vault_PaymentFailed", args: [token, accounts[receiver], amount] };
    this.balance -= amount;
    this.claims[account] = 0n;
    return null;
  }

  setCeiling(product: number, ceiling: bigint): null {
    this.lines[product].ceiling = ceiling;
    return null;
  }

  cutCeiling(product: number, ceiling: bigint): Refusal | null {
    const current = this.lines[product].ceiling;
    if (ceiling >= current) return { error: "Vault_CeilingNotLower", args: [ceiling, current] };
    this.lines[product].ceiling = ceiling;
    return null;
  }

  setMaxUtilization(pips: bigint): null {
    this.maxUtilizationPips = pips;
    return null;
  }

  setRefused(account: number, isRefused: boolean): null {
    this.refused[account] = isRefused;
    return null;
  }

  private pay(receiver: number, amount: bigint): void {
    if (this.refused[receiver]) this.claims[receiver] += amount;
    else this.balance -= amount;
  }
}
