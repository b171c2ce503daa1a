import { concat, dataLength, dataSlice, toBeHex } from "ethers";
import { ethers } from "hardhat";

import { FORMER_NETWORK, SINGLE_SIGNER_NETWORK } from "../../../sdk/pyth/networks";
import { LocalPublisher } from "../../../kit/pyth/publisher";
import type { PublisherOptions } from "../../../kit/pyth/publisher";
import { digestOf } from "../../../sdk/pyth/wire";
import type { PythPrice } from "../../../sdk/pyth/wire";
import type { LocalPyth } from "../../../typechain-types";

import type { RecordedFeed, RecordedNetwork } from "../../dsl/recordedPyth";

/** Fee per message, in wei, of every contract here that asks for one. */
export const FEE = 3n;
/** End of a window without end. */
export const MAX_TIME = 2n ** 64n - 1n;

/** A local Pyth that believes a publisher of these options. */
export async function deploy(options: PublisherOptions) {
  const [owner, stranger] = await ethers.getSigners();
  const publisher = new LocalPublisher(options);
  const pyth = await ethers.deployContract("LocalPyth");
  await pyth.initialize(owner, publisher.setup);
  return { owner, stranger, publisher, pyth };
}

/** One guardian, whose set has the index 0, and a fee. */
export const deploySingle = () => deploy({ ...SINGLE_SIGNER_NETWORK, updateFeeWei: FEE });
/** 13 of 19 guardians, whose set has the index 4, and a fee. */
export const deployFormer = () => deploy({ ...FORMER_NETWORK, updateFeeWei: FEE });
/** Three of five guardians, whose set has the index 1, and no fee. */
export const deployLive = () => deploy({});

/** A local Pyth that believes a recorded network, every set of it; it asks for `updateFeeWei` a message. */
export async function deployRecorded(network: RecordedNetwork, updateFeeWei: bigint) {
  const [owner] = await ethers.getSigners();
  const { emitterChain, emitter, quorum, sets } = network;
  const [[guardianSetIndex, guardians], ...others] = [...sets];
  const pyth = await ethers.deployContract("LocalPyth");
  await pyth.initialize(owner, { emitterChain, emitter, guardianSetIndex, guardians, quorum, updateFeeWei });
  for (const [index, members] of others) await pyth.setGuardianSet(index, members, quorum);
  return { owner, pyth, network };
}

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
