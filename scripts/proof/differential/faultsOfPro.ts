/** Of Pro: mostly of its liquidation, whose steps are many and each seldom reached by chance. */

/** A fault of one file of the model. */
function inFile(file: string, name: string, from: string, to: string) {
  return { name, product: "pro", source: `sdk/model/pro/${file}.ts`, from, to };
}

export const FAULTS_OF_PRO = [
  inFile(
    "fees",
    "a fee of Pro's is a unit too large",
    "return mulDivUp(notional, feePips, PIPS);",
    "return mulDivUp(notional, feePips, PIPS) + 1n;",
  ),
  inFile(
    "fees",
    "the fund's share of a fee is a millionth too large",
    "FUND_SHARE_PIPS = 200_000n",
    "FUND_SHARE_PIPS = 200_001n",
  ),
  inFile("guard", "the guard forgets a second earlier", "GAP_HALF_LIFE = 600n", "GAP_HALF_LIFE = 599n"),
  inFile("funding", "funding is damped a hundredth of a basis point less", "DAMPING_X18 = 500n", "DAMPING_X18 = 501n"),
  inFile("adl", "who gained is passed on all of a position at once", "return lots / 2n;", "return lots;"),
  inFile("liquidation", "a bound moves half as fast", "BOUND_PER_SECOND = 2n", "BOUND_PER_SECOND = 1n"),
  inFile("liquidation", "a bound begins a sixtieth of the way further", "BOUND_BEGINS = 15n", "BOUND_BEGINS = 16n"),
  inFile("liquidation", "the least step is a quarter", "LEAST_STEP_DIVISOR = 5n", "LEAST_STEP_DIVISOR = 4n"),
  inFile(
    "liquidation",
    "a step leaves a lot too much for the next lower tier",
    "held : floorDiv(tiers[index - 1].cap",
    "held : ceilDiv(tiers[index - 1].cap",
  ),
  inFile(
    "liquidation",
    "a position twice as large is closed at once",
    "SMALL_POSITION = 20_000n",
    "SMALL_POSITION = 40_000n",
  ),
  inFile(
    "liquidation",
    "all is closed at a half of the maintenance margin",
    "return 3n * equity < 2n * maintenance;",
    "return 2n * equity < maintenance;",
  ),
  inFile("liquidation", "a step waits for a second less", "STEP_SECONDS = 10n", "STEP_SECONDS = 9n"),
  inFile(
    "liquidating",
    "a step that closed nothing has the next one wait",
    '(cause === "noPrice" && filled > 0n)',
    'cause === "noPrice"',
  ),
  inFile(
    "liquidation",
    "a position of a third of the largest margin may be the next",
    "return ownMaintenance > 0n && 2n * ownMaintenance",
    "return ownMaintenance > 0n && 3n * ownMaintenance",
  ),
  inFile(
    "matching",
    "what may stay of an order is half as much",
    "LEAST_RESIDUE = LEAST_RESTING / 10n",
    "LEAST_RESIDUE = LEAST_RESTING / 20n",
  ),
  inFile("liquidation", "the liquidation's fee is not bounded by what the taker's left", "left - takerFee)", "left)"),
  inFile("liquidation", "a caller earns a dollar less at most", "MOST_CALLER_FEE = 50n", "MOST_CALLER_FEE = 49n"),
  inFile(
    "distress",
    "a distress begins anew with each step",
    "since: distress.since === 0n ? now : distress.since",
    "since: now",
  ),
  inFile("distress", "a distress is forgotten a second later", "FORGOTTEN_SECONDS = 30n", "FORGOTTEN_SECONDS = 31n"),
  inFile(
    "liquidating",
    "a step that met as many orders as it may is in distress",
    'filled < wanted && cause !== "maxFills"',
    "filled < wanted",
  ),
  inFile(
    "liquidation",
    "the fund pays a twentieth less far beyond the mark",
    "FUND_SLIP_PIPS = 1_000n",
    "FUND_SLIP_PIPS = 950n",
  ),
  inFile(
    "liquidation",
    "a fund pays a hundredth more for a scope",
    "SCOPE_SHARE_PIPS = 50_000n",
    "SCOPE_SHARE_PIPS = 50_500n",
  ),
  inFile(
    "funds",
    "a fund forgets what it has paid for a scope",
    "fundPaid: distress.fundPaid + amount",
    "fundPaid: amount",
  ),
  inFile(
    "liquidation",
    "the fund pays callers of steps half as large",
    "LEAST_PAID_NOTIONAL = 2_000n",
    "LEAST_PAID_NOTIONAL = 1_000n",
  ),
  inFile("distress", "positions are passed on a second earlier", "ADL_SECONDS = 30n", "ADL_SECONDS = 29n"),
  inFile("adl", "the threshold halves a second later", "THRESHOLD_HALF_LIFE = 3n", "THRESHOLD_HALF_LIFE = 4n"),
  inFile("adl", "losses are shared a second earlier", "THRESHOLD_SECONDS = 45n", "THRESHOLD_SECONDS = 44n"),
  inFile(
    "adl",
    "an entry beyond the bankruptcy price is no obstacle",
    "return gain * closed >= deficit * abs(position.lots);",
    "return true;",
  ),
];
