/** Actions of `IPro.act` as words and their results as fields, as tests write them. */
import { ProReason } from "../../sdk/enums";

export * from "../../sdk/pro/words";

/** `ProReason` of the contracts, by name. */
export const REASON = Object.fromEntries(ProReason.map((name, index) => [name, BigInt(index)])) as Readonly<
  Record<string, bigint>
>;
