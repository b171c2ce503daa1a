import { setCode } from "@nomicfoundation/hardhat-network-helpers";
import { artifacts, ethers } from "hardhat";
import type { BaseContract } from "ethers";
import { confirmed } from "../../kit/desk/Desk";
import type { Fault } from "./faults";
import { nextSecond } from "./orders";
import type { Payments } from "./twin";
import type { World } from "./world";

/** What a token turns into, by the contract that it then is. */
export const FACES = {
  refusing: "PausableToken",
  blacklisting: "BlacklistToken",
  charging: "FeeOnTransferToken",
  reentering: "ReentrantToken",
} as const;

export type Face = keyof typeof FACES;

/** Share of every transfer that a charging token burns, pips. */
const CHARGE_PIPS = 20_000n;

interface Mask {
  readonly face: Face;
  readonly token: BaseContract;
  /** Whom a blacklisting token refuses. */
  readonly victim: string;
  /** The token's own code. */
  readonly code: string;
}

/** Tokens and receivers that turn on those who pay them, and back. */
export class Hostility implements Payments {
  private readonly masks = new Map<string, Mask>();
  private isWalletRefusing = false;
  private isWalletArmed = false;

  constructor(private readonly world: World) {}

  faceOf(symbol: string): Face | undefined {
    return this.masks.get(symbol)?.face;
  }

  get masked(): string[] {
    return [...this.masks.keys()];
  }

  /** Exchanges the token's code; what accounts hold of it stays. */
  async putOn(symbol: string, face: Face, victim: string): Promise<void> {
    const { replica } = this.world.context;
    const address = replica.token(symbol).target as string;
    const code = await ethers.provider.getCode(address);
    await setCode(address, (await artifacts.readArtifact(FACES[face])).deployedBytecode);
    const token = await ethers.getContractAt(FACES[face], address);
    this.masks.set(symbol, { face, token, victim, code });
    await this.behave(symbol, true);
  }

  async takeOff(symbol: string): Promise<void> {
    await this.behave(symbol, false);
    const mask = this.masks.get(symbol);
    this.masks.delete(symbol);
    if (mask !== undefined) await setCode(await mask.token.getAddress(), mask.code);
  }

  /** The wallet that may refuse the native coin does, or takes it again. */
  async setWalletRefusing(isRefusing: boolean): Promise<void> {
    await nextSecond(this.world);
    await confirmed(this.world.context.refusing.setHostile(isRefusing));
    this.isWalletRefusing = isRefusing;
  }

  /** The other wallet calls the system when it is paid: more than a hook has gas for. */
  async armWallet(): Promise<void> {
    const { keeper, reentering, trading } = this.world.context;
    const reenter = trading.interface.encodeFunctionData("execute", [0n, 0n, keeper.address]);
    await nextSecond(this.world);
    await confirmed(reentering.arm(trading, reenter));
    this.isWalletArmed = true;
  }

  /** Sent coin with all the gas that it wants, it makes its call, and is done. */
  async disarmWallet(): Promise<void> {
    const { keeper, reentering } = this.world.context;
    await nextSecond(this.world);
    await (await keeper.sendTransaction({ to: reentering.target, value: 1n })).wait();
    this.world.twin.hold(`native ${reentering.target as string}`, 1n);
    this.isWalletArmed = false;
  }

  isRefused(symbol: string, receiver: string, asNative: boolean): boolean {
    const { reentering, refusing } = this.world.context;
    if (asNative && receiver === reentering.target) return this.isWalletArmed;
    if (asNative) return this.isWalletRefusing && receiver === refusing.target;
    const mask = this.masks.get(symbol);
    return mask?.face === "refusing" || (mask?.face === "blacklisting" && mask.victim === receiver);
  }

  arriving(symbol: string, amount: bigint): bigint {
    return this.faceOf(symbol) === "charging" ? amount - (amount * CHARGE_PIPS) / 1_000_000n : amount;
  }

  /** What stops a payment into the vault. */
  depositFault(symbol: string, payer: string): Fault | undefined {
    const mask = this.masks.get(symbol);
    if (mask?.face === "refusing") return { contract: mask.token, error: "PausableToken_Paused", args: [] };
    if (mask?.face !== "blacklisting" || mask.victim !== payer) return undefined;
    return { contract: mask.token, error: "BlacklistToken_Blacklisted", args: [payer] };
  }

  private async behave(symbol: string, isHostile: boolean): Promise<void> {
    const mask = this.masks.get(symbol);
    if (mask === undefined) return;
    const { trading, keeper } = this.world.context;
    const reenter = trading.interface.encodeFunctionData("execute", [1n, 0n, keeper.address]);
    const calls: Record<Face, [string, unknown[]]> = {
      refusing: ["setPaused", [isHostile]],
      blacklisting: ["setBlacklisted", [mask.victim, isHostile]],
      charging: ["setFeePips", [isHostile ? CHARGE_PIPS : 0n]],
      reentering: isHostile ? ["arm", [trading.target, reenter, false]] : ["disarm", []],
    };
    const [name, args] = calls[mask.face];
    await nextSecond(this.world);
    const data = mask.token.interface.encodeFunctionData(name, args);
    await (await keeper.sendTransaction({ to: mask.token.target, data })).wait();
  }
}
