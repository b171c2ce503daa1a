import { concat, dataLength, dataSlice, toBeHex } from "ethers";
import { ethers } from "hardhat";

import { LocalPublisher } from "../../../sdk/pyth/publisher";
import type { PublisherOptions } from "../../../sdk/pyth/publisher";
import { digestOf } from "../../../sdk/pyth/wire";
import type { PythPrice } from "../../../sdk/pyth/wire";
import type { LocalPyth } from "../../../typechain-types";

import type { RecordedFeed } from "./recorded";

/** Fee per message, in wei. */
export const FEE = 1n;
/** End of a window without end. */
export const MAX_TIME = 2n ** 64n - 1n;

/** A local Pyth that believes a publisher of these options. */
export async function deploy(options: PublisherOptions) {
  const [owner, stranger] = await ethers.getSigners();
  const publisher = new LocalPublisher(options);
  const pyth = await ethers.deployContract("LocalPyth");
  await pyth.initialize(owner, publisher.guardianSetIndex, publisher.guardians, FEE);
  return { owner, stranger, publisher, pyth };
}

/** One guardian, whose set has the index 0. */
export const deploySingle = () => deploy({});
/** 19 guardians, whose set has the index 4, as on the real network. */
export const deployMany = () => deploy({ guardianCount: 19, guardianSetIndex: 4 });

/** `data` with its bytes from `offset` on replaced. */
export function patch(data: string, offset: number, replacement: string): string {
  return concat([dataSlice(data, 0, offset), replacement, dataSlice(data, offset + dataLength(replacement))]);
}

/** An update of one signature whose body is changed and signed again. */
export function resign(publisher: LocalPublisher, update: string, change: (body: string) => string): string {
  const vaaEnd = 10 + Number(dataSlice(update, 8, 10));
  const body = change(dataSlice(update, 82, vaaEnd));
  const { r, s, yParity } = publisher.signers[0].sign(digestOf(body));
  const vaa = concat([dataSlice(update, 10, 17), r, s, toBeHex(yParity, 1), body]);
  return concat([dataSlice(update, 0, 8), toBeHex(dataLength(vaa), 2), vaa, dataSlice(update, vaaEnd)]);
}

/** What the contract returns for a price. */
export function feedOf(price: PythPrice | RecordedFeed) {
  const { feedId, expo, publishTime } = price;
  const emaPrice = price.emaPrice ?? price.price;
  const emaConf = price.emaConf ?? price.conf;
  return [
    feedId,
    [BigInt(price.price), BigInt(price.conf), BigInt(expo), BigInt(publishTime)],
    [BigInt(emaPrice), BigInt(emaConf), BigInt(expo), BigInt(publishTime)],
  ];
}

/** `parsePriceFeedUpdatesUnique` without a transaction, paying the fee asked for. */
export async function parseUnique(pyth: LocalPyth, data: string[], ids: string[], min: bigint, max = MAX_TIME) {
  const value = await pyth.getUpdateFee(data);
  return pyth.parsePriceFeedUpdatesUnique.staticCall(data, ids, min, max, { value });
}

/** `parsePriceFeedUpdates` likewise. */
export async function parse(pyth: LocalPyth, data: string[], ids: string[], min = 0n, max = MAX_TIME) {
  const value = await pyth.getUpdateFee(data);
  return pyth.parsePriceFeedUpdates.staticCall(data, ids, min, max, { value });
}
