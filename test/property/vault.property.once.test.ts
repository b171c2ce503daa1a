import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { ContractTransactionResponse, Signer } from "ethers";
import fc from "fast-check";
import { ethers } from "hardhat";
import type { BlacklistToken, HostileProduct, Vault } from "../../typechain-types";
import { contractSigner } from "../dsl/contractSigner";
import { balanceOf, openingOf, settlementOf } from "../unit/vault/vaultFixture";
import { VaultTwin } from "./vaultTwin";
import type { Refusal } from "./vaultTwin";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const NUM_RUNS = Number(process.env.FUZZ_RUNS ?? 10);
const FUZZ_SECONDS = Number(process.env.FUZZ_SECONDS ?? 0);
const PARAMETERS = {
  seed: SEED,
  numRuns: NUM_RUNS,
  ...(FUZZ_SECONDS > 0 ? { interruptAfterTimeLimit: FUZZ_SECONDS * 1_000 } : {}),
};

const PRODUCTS = 2;
const ACCOUNTS = 3;
const MAX_STEPS = 40;
const UTILIZATION_PIPS = 800_000n;

/** What every step may need; each operation takes what it has use for. */
interface Step {
  kind: keyof typeof OPERATIONS;
  product: number;
  accounts: [number, number, number];
  /** Small, so that every bound is met exactly now and then. */
  amounts: bigint[];
  /** Or shares of what there is, in percent: 100 takes it all. */
  shares: bigint[];
  isShare: boolean;
  isRefused: boolean;
}

const FIRST_STEP: Omit<Step, "kind"> = {
  product: 0,
  accounts: [0, 0, 0],
  amounts: [500n],
  shares: [],
  isShare: false,
  isRefused: false,
};

interface Run {
  vault: Vault;
  token: BlacklistToken;
  products: HostileProduct[];
  manager: HostileProduct;
  distributor: Signer;
  payer: Signer;
  accounts: Signer[];
  twin: VaultTwin;
}

type Operation = (run: Run, step: Step) => { booked: Refusal | null; send: () => Promise<ContractTransactionResponse> };

/** Amount `i` of a step: by itself, or as a share of what there is. */
function pick({ amounts, isShare, shares }: Step, i: number, whole: bigint): bigint {
  return isShare ? (whole * shares[i]) / 100n : amounts[i];
}

const OPERATIONS = {
  deposit: ({ payer, products, token, twin }, { amounts, product }) => ({
    booked: twin.deposit(product, amounts[0]),
    send: () => products[product].deposit(token, payer, amounts[0]),
  }),
  open: ({ accounts, products, token, twin }, step) => {
    const { product } = step;
    const { collateral } = twin.lines[product];
    const reserve = pick(step, 0, (twin.liquidity * twin.maxUtilizationPips) / 1_000_000n - twin.reserved);
    const toLiquidity = pick(step, 1, collateral) / 3n;
    const toFees = pick(step, 2, collateral) / 3n;
    const executor = step.amounts[3] / 4n;
    const wanted = reserve < 0n ? 0n : reserve;
    const account = step.accounts[0];
    return {
      booked: twin.open(product, { reserve: wanted, toLiquidity, toFees, executor }, account),
      send: () =>
        products[product].open(
          openingOf(token, {
            reserve: wanted,
            toLiquidity,
            toFees,
            executor: { account: accounts[account], amount: executor },
          }),
        ),
    };
  },
  settle: ({ accounts, products, token, twin }, step) => {
    const { product } = step;
    const [executor, armer, receiver] = step.accounts;
    const collateral = pick(step, 0, twin.lines[product].collateral);
    const reserve = pick(step, 1, twin.lines[product].reserved);
    const [toFees, toExecutor, toArmer] = [2, 3, 4].map((i) => step.amounts[i] / 8n);
    const left = collateral + reserve - toFees - toExecutor - toArmer;
    const payout = left > 0n ? pick(step, 5, left) : step.amounts[5];
    const division = { collateral, reserve, toFees, executor: toExecutor, armer: toArmer, payout };
    return {
      booked: twin.settle(product, division, executor, armer, receiver),
      send: () =>
        products[product].settle(
          settlementOf(token, {
            collateral,
            reserve,
            toFees,
            executor: { account: accounts[executor], amount: toExecutor },
            armer: { account: accounts[armer], amount: toArmer },
            receiver: accounts[receiver],
            payout,
          }),
        ),
    };
  },
  addLiquidity: ({ manager, payer, token, twin }, { amounts }) => ({
    booked: twin.addLiquidity(amounts[0]),
    send: () => manager.addLiquidity(token, payer, amounts[0]),
  }),
  removeLiquidity: ({ accounts, manager, token, twin }, step) => {
    const amount = pick(step, 0, twin.liquidity - twin.reserved);
    const receiver = step.accounts[0];
    return {
      booked: twin.removeLiquidity(amount, receiver),
      send: () => manager.removeLiquidity(token, accounts[receiver], amount, false),
    };
  },
  allocateFees: ({ accounts, distributor, token, twin, vault }, step) => {
    const amount = pick(step, 0, twin.fees);
    const account = step.accounts[0];
    return {
      booked: twin.allocateFees(amount, account),
      send: () => vault.connect(distributor).allocateFees(token, accounts[account], amount),
    };
  },
  claim: ({ accounts, token, twin, vault }, step) => {
    const [account, receiver] = step.accounts;
    return {
      booked: twin.claim(account, receiver),
      send: () => vault.connect(accounts[account]).claim(token, accounts[receiver], false),
    };
  },
  donate: ({ payer, token, twin, vault }, { amounts }) => ({
    booked: twin.donate(amounts[0]),
    send: () => token.connect(payer).transfer(vault, amounts[0]),
  }),
  setCeiling: ({ products, token, twin, vault }, { amounts, product }) => ({
    booked: twin.setCeiling(product, amounts[0] * 2n),
    send: async () => {
      const cuts = await vault.cutsOf(await vault.ceilingSetting(products[product], token));
      return vault.setCeiling(products[product], token, amounts[0] * 2n, cuts);
    },
  }),
  cutCeiling: ({ products, token, twin, vault }, { amounts, product }) => ({
    booked: twin.cutCeiling(product, amounts[0]),
    send: () => vault.cutCeiling(products[product], token, amounts[0]),
  }),
  setMaxUtilization: ({ token, twin, vault }, { shares }) => {
    const pips = (shares[0] + 1n) * 9_000n;
    return { booked: twin.setMaxUtilization(pips), send: () => vault.setMaxUtilization(token, pips) };
  },
  setRefused: ({ accounts, token, twin }, step) => {
    const account = step.accounts[0];
    return {
      booked: twin.setRefused(account, step.isRefused),
      send: () => token.setBlacklisted(accounts[account], step.isRefused),
    };
  },
} satisfies Record<string, Operation>;

async function deploy(): Promise<Omit<Run, "twin">> {
  const [governor, payer, ...accounts] = await ethers.getSigners();
  const distributor = await contractSigner();
  const accessManager = await ethers.deployContract("AccessManager", [governor]);
  const token = await ethers.deployContract("BlacklistToken");
  await token.initialize("Token", "TKN", 18);
  const vault = await ethers.deployContract("Vault", [accessManager, token]);
  const manager = await ethers.deployContract("HostileProduct", [vault]);
  await vault.initialise(manager, distributor);
  await vault.listToken(token, UTILIZATION_PIPS);
  await token.mint(payer, 10n ** 18n);
  await token.connect(payer).approve(manager, ethers.MaxUint256);
  const products: HostileProduct[] = [];
  for (let i = 0; i < PRODUCTS; ++i) {
    const product = await ethers.deployContract("HostileProduct", [vault]);
    await vault.addProduct(product);
    await token.connect(payer).approve(product, ethers.MaxUint256);
    products.push(product);
  }
  return { vault, token, products, manager, distributor, payer, accounts: accounts.slice(0, ACCOUNTS) };
}

async function expectAgreement({ accounts, products, token, twin, vault }: Run): Promise<void> {
  const { liquidity, reserved, fees, claimable, maxUtilizationPips } = await vault.ledger(token);
  const real = { liquidity, reserved, fees, claimable, maxUtilizationPips, balance: await balanceOf(token, vault) };
  const lines = [];
  for (const product of products) {
    const line = await vault.productLedger(product, token);
    lines.push({ collateral: line.collateral, reserved: line.reserved, ceiling: line.ceiling });
  }
  const claims = [];
  for (const account of accounts) claims.push(await vault.claimableOf(token, account.getAddress()));
  expect(real).to.deep.equal({
    liquidity: twin.liquidity,
    reserved: twin.reserved,
    fees: twin.fees,
    claimable: twin.claimable,
    maxUtilizationPips: twin.maxUtilizationPips,
    balance: twin.balance,
  });
  expect({ lines, claims }).to.deep.equal({ lines: twin.lines, claims: twin.claims });
  expect(reserved).to.be.at.most(liquidity);
  expect(await vault.collateral(token)).to.equal(twin.collateral);
}

/** Sends one step, and expects of it what the twin said. Tells whether it was booked. */
async function perform(run: Run, step: Step): Promise<boolean> {
  const operation: Operation = OPERATIONS[step.kind];
  const before = run.twin.surplus;
  const { booked, send } = operation(run, step);
  if (booked === null) {
    await send();
  } else {
    await expect(send())
      .to.be.revertedWithCustomError(run.vault, booked.error)
      .withArgs(...booked.args);
  }
  // Nobody but a donor changes what is beyond what the vault owes.
  if (step.kind !== "donate") expect(run.twin.surplus).to.equal(before);
  await expectAgreement(run);
  return booked === null;
}

describe("Vault properties", () => {
  before(() => console.log(`      seed ${SEED}, ${NUM_RUNS} runs`));

  const account = fc.nat(ACCOUNTS - 1);
  const frequent = ["open", "settle", "settle", "deposit", "claim"] as const;
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom(...frequent, ...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])),
    product: fc.nat(PRODUCTS - 1),
    accounts: fc.tuple(account, account, account),
    amounts: fc.array(fc.bigInt({ min: 0n, max: 60n }), { minLength: 6, maxLength: 6 }),
    shares: fc.array(fc.oneof(fc.bigInt({ min: 0n, max: 104n }), fc.constant(100n)), { minLength: 6, maxLength: 6 }),
    isShare: fc.boolean(),
    isRefused: fc.boolean(),
  });

  it("I1 I15: agrees with its twin over any operations: solvent, conserving, and refusing for the same reason", async () => {
    let booked = 0;
    let total = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: MAX_STEPS, size: "max" }), async (steps) => {
        const fixture = await loadFixture(deploy);
        const accounts = await Promise.all(fixture.accounts.map((signer) => signer.getAddress()));
        const names = { token: await fixture.token.getAddress(), accounts };
        const run: Run = { ...fixture, twin: new VaultTwin(PRODUCTS, UTILIZATION_PIPS, names) };
        await perform(run, { ...FIRST_STEP, kind: "addLiquidity" });
        for (let product = 0; product < PRODUCTS; ++product) {
          await perform(run, { ...FIRST_STEP, product, kind: "setCeiling", amounts: [150n] });
          await perform(run, { ...FIRST_STEP, product, kind: "deposit", amounts: [100n] });
        }
        for (const current of steps) {
          booked += (await perform(run, current)) ? 1 : 0;
          ++total;
        }
      }),
      PARAMETERS,
    );
    // Sequences that are mostly refused test little.
    if (total >= 100) expect(booked * 2).to.be.at.least(total);
  });
});
