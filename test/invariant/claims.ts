import { ethers } from "hardhat";
import type { Dice } from "./dice";
import { doneOrRefused } from "./faults";
import type { Fault } from "./faults";
import { nextSecond } from "./orders";
import { Party } from "./parties";
import type { World } from "./world";

/** Somebody who is owed something claims it, or finds that his token does not pay. */
export async function claimSomething(world: World, dice: Dice): Promise<void> {
  const { replica, vault } = world.context;
  const owed = [...world.twin.claims].filter(([, amount]) => amount > 0n);
  if (owed.length === 0) return;
  const [key, amount] = dice.one(owed);
  const [symbol, account] = key.split(" ");
  const token = replica.token(symbol).target;
  const party = world.traders.find(({ address }) => address === account) ?? (await accountOf(account));
  const asNative = party.isWallet && symbol === world.nativeSymbol && dice.percent(50);
  const isRefused = world.hostility.isRefused(symbol, account, asNative);
  const fault: Fault = { contract: vault, error: "Vault_PaymentFailed", args: [token, account, amount] };
  await nextSecond(world);
  const sent = party.send(vault, "claim", [token, account, asNative]);
  if (!(await doneOrRefused(sent, isRefused ? fault : undefined))) {
    world.count("claim refused");
    return;
  }
  world.twin.claims.set(key, 0n);
  world.twin.ledger(symbol).claimable -= amount;
  world.twin.pay(symbol, account, amount, asNative);
  world.count("claimed");
}

async function accountOf(address: string): Promise<Party> {
  return new Party(address, await ethers.getSigner(address));
}
