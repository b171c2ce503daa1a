/** For auditors: `ASTERISM_CHAIN=bnb npx hardhat run scripts/examples/auditor.ts`. The README quotes it. */
import hre from "hardhat";
import { ROLES } from "../../deploy/roles";
import { PricePath } from "../demo/path";
import { Stage, deployOnStage } from "../demo/stage";
import { FOUNDING_DEPOSITS } from "../demo/story";

async function main(): Promise<void> {
  const deployment = await deployOnStage(hre);
  const { desk, actors, profile } = await Stage.open(hre, deployment, PricePath.generate(1));
  const { vault, accessManager } = desk.system;
  const founding = Object.entries(FOUNDING_DEPOSITS[profile.key]);
  await desk.provide(
    actors.founder,
    Object.fromEntries(founding.map(([symbol, whole]) => [symbol, desk.tokenUnits(symbol, whole)])),
  );
  await desk.fund(actors.trader, "USDT", desk.tokenUnits("USDT", 1_000n));
  await desk.open(actors.trader, actors.keeper, { leverage: 1001, token: "USDT" });

  // Solvency, token by token, from the vault's own books.
  for (const token of await vault.tokens()) {
    const { liquidity, reserved, fees, claimable } = await vault.ledger(token);
    const erc20 = await hre.ethers.getContractAt("IERC20", token);
    const owed = liquidity + (await vault.collateral(token)) + fees + claimable;
    const lines = await Promise.all((await vault.products()).map((product) => vault.productLedger(product, token)));
    const reservedByProducts = lines.reduce((sum, line) => sum + line.reserved, 0n);
    console.log(token, {
      surplus: (await erc20.balanceOf(vault)) - owed, // 0 unless somebody gave it something
      isReserveWhole: reserved === reservedByProducts && reserved <= liquidity,
    });
  }

  // Nobody but governance holds a role, and governance only with its delays.
  const [deployer] = await hre.ethers.getSigners();
  for (const [name, { id }] of Object.entries(ROLES)) {
    const [isMember] = await accessManager.hasRole(id, deployer);
    console.log(name, { isDeployerMember: isMember });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
