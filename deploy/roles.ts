/**
 * Who may do what, as data. The deployment wires the AccessManager from it and the tests compare it with the code: a
 * restricted function without a row here, or a row without a restricted function, fails them.
 */

const DAY_SECONDS = 24 * 60 * 60;

/** The accounts that hold roles after the deployment. */
export interface RoleHolders {
  governor: string;
  riskManager: string;
  guardian: string;
}

export interface Role {
  /** As in `contracts/access/Roles.sol`. */
  id: bigint;
  /** How long before its execution a call has to be scheduled. */
  delaySeconds: number;
  holder: keyof RoleHolders;
  /** May cancel what holders of this role have scheduled. */
  cancelledBy?: "GUARDIAN";
  /** The AccessManager refuses a label for its own role. */
  isLabelled: boolean;
}

/**
 * The governor holds two roles. `ADMIN` is the AccessManager's own: grants, wiring, authorities. The guardian can't cancel
 * its calls, or it could veto its own removal.
 */
export const ROLES = {
  ADMIN: { id: 0n, delaySeconds: 2 * DAY_SECONDS, holder: "governor", isLabelled: false },
  GOVERNOR: { id: 1n, delaySeconds: 2 * DAY_SECONDS, holder: "governor", cancelledBy: "GUARDIAN", isLabelled: true },
  RISK_MANAGER: { id: 2n, delaySeconds: DAY_SECONDS, holder: "riskManager", cancelledBy: "GUARDIAN", isLabelled: true },
  GUARDIAN: { id: 3n, delaySeconds: 0, holder: "guardian", isLabelled: true },
} as const satisfies Record<string, Role>;

export type RoleName = keyof typeof ROLES;

/** Everyone: the AccessManager's own number for it. */
export const PUBLIC_ROLE_ID = 2n ** 64n - 1n;

/** What a function can be given to. `ADMIN` is not among them: it means the AccessManager itself. */
export type FunctionRole = Exclude<RoleName, "ADMIN"> | "PUBLIC";

/** Function name (the full signature where a name is overloaded) to role. */
export type FunctionRoles = Readonly<Record<string, FunctionRole>>;

/** Contract name to its restricted functions. A contract with an authority but without any has an empty row. */
export type RoleTable = Readonly<Record<string, FunctionRoles>>;

export const ROLE_TABLE: RoleTable = {
  Breaker: {
    raise: "GUARDIAN",
    lower: "RISK_MANAGER",
  },
  Vault: {
    initialise: "GOVERNOR",
    listToken: "GOVERNOR",
    addProduct: "GOVERNOR",
    setCeiling: "GOVERNOR",
    setMaxUtilization: "RISK_MANAGER",
    cutCeiling: "GUARDIAN",
  },
  PriceAggregator: {
    configureAsset: "GOVERNOR",
    addSource: "GOVERNOR",
    configureSource: "GOVERNOR",
    setSourceEnabled: "GOVERNOR",
    setPyth: "GOVERNOR",
    setSequencer: "GOVERNOR",
    disableSource: "GUARDIAN",
    restoreSource: "GUARDIAN",
  },
  AlpManager: {
    addAsset: "GOVERNOR",
    addLedgerProduct: "GOVERNOR",
    setWeights: "RISK_MANAGER",
    setMaxShares: "RISK_MANAGER",
    setShareFloor: "RISK_MANAGER",
    setFees: "RISK_MANAGER",
  },
  FeeDistributor: {
    setTreasury: "GOVERNOR",
  },
  BrokerRegistry: {
    addBroker: "RISK_MANAGER",
    setShare: "RISK_MANAGER",
  },
  PredictionConfigurator: {
    listMarket: "GOVERNOR",
    setStakeToken: "GOVERNOR",
    setMarket: "RISK_MANAGER",
    setPeriod: "RISK_MANAGER",
    disableMarket: "GUARDIAN",
    disableStakeToken: "GUARDIAN",
    cutCap: "GUARDIAN",
  },
  ProConfigurator: {
    listMarket: "GOVERNOR",
    delist: "GOVERNOR",
    close: "GOVERNOR",
    releaseFund: "GOVERNOR",
    setConfig: "RISK_MANAGER",
    setCaps: "RISK_MANAGER",
    setTiers: "RISK_MANAGER",
    setStatus: "RISK_MANAGER",
    cutCaps: "GUARDIAN",
    disable: "GUARDIAN",
  },
  TradingConfigurator: {
    listBook: "GOVERNOR",
    setMarginToken: "GOVERNOR",
    setFees: "RISK_MANAGER",
    setSlippage: "RISK_MANAGER",
    setRates: "RISK_MANAGER",
    setCaps: "RISK_MANAGER",
    setMinimums: "RISK_MANAGER",
    setOpenChecks: "RISK_MANAGER",
    setTiers: "RISK_MANAGER",
    setStatus: "RISK_MANAGER",
    cutCaps: "GUARDIAN",
    startNewsWindow: "GUARDIAN",
    disableBook: "GUARDIAN",
    disableMarginToken: "GUARDIAN",
  },
};

export function roleIdOf(role: FunctionRole): bigint {
  return role === "PUBLIC" ? PUBLIC_ROLE_ID : ROLES[role].id;
}

/** A contract's functions, by role. */
export function functionsByRole(functions: FunctionRoles): Map<FunctionRole, string[]> {
  const byRole = new Map<FunctionRole, string[]>();
  for (const [name, role] of Object.entries(functions)) byRole.set(role, [...(byRole.get(role) ?? []), name]);
  return byRole;
}
