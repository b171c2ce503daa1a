import { ZeroAddress } from "ethers";
import type { PlainValue } from "../../../sdk/plain";
import { assetIdOf, sourceArguments } from "../../arguments/oracle";
import { ASSET_KEYS } from "../../profiles";
import { pushSourcesOf, usedAssets } from "../../sources";
import type { PushSourceProfile } from "../../sources";
import { assetName } from "../context";
import type { AuditContext } from "../context";
import type { Value } from "../finding";
import { ask, countOf } from "../question";
import type { Fields, Question } from "../question";

const NO_ASSET = { pythId: `0x${"0".repeat(64)}`, quorum: 0, maxSpreadPips: 0 };

/** Pyth, the sequencer, and every asset with its sources. */
export async function oracleQuestions(context: AuditContext): Promise<Question[]> {
  const { profile } = context;
  const used = usedAssets(profile);
  const sequencer = profile.sequencer ?? { address: ZeroAddress, graceSeconds: 0 };
  const questions = [
    context.question("priceAggregator", "pyth", profile.pyth.address),
    context.question("priceAggregator", "sequencerFeed", sequencer.address),
    context.question("priceAggregator", "sequencerGraceSeconds", sequencer.graceSeconds),
  ];
  const ids = new Set([
    ...ASSET_KEYS.map(assetIdOf),
    ...context.history.of("AssetConfigured").map(({ assetId }) => Number(assetId)),
  ]);
  const counts = await context.read(
    [...ids].map((id) => ask("PriceAggregator", context.at("priceAggregator"), "sourceCount", [id])),
  );
  for (const [index, id] of [...ids].entries()) {
    const key = used.find((candidate) => assetIdOf(candidate) === id);
    const name = assetName(id);
    const asset = key && {
      pythId: profile.pyth.priceIds[key],
      quorum: profile.oracle.referenceQuorums[key] ?? 0,
      maxSpreadPips: profile.oracle.maxReferenceSpreadPips,
    };
    const sources = key === undefined ? [] : pushSourcesOf(profile, key);
    questions.push(
      context.question("priceAggregator", "asset", asset ?? NO_ASSET, { args: [id], of: name }),
      context.question("priceAggregator", "sourceCount", sources.length, { args: [id], of: name }),
    );
    for (let source = 0; source < countOf(counts[index]); source++) {
      const expected = source < sources.length ? sourceOf(sources[source]) : {};
      const pick = (answer: PlainValue) => settingsOf(answer, context.block.timestamp);
      questions.push(
        context.question("priceAggregator", "source", expected, { args: [id, source], of: `${name}, ${source}`, pick }),
      );
    }
  }
  return questions;
}

function sourceOf(source: PushSourceProfile): Value {
  const { kind, feed, maxAgeSeconds, base, quote } = sourceArguments(source);
  const state = { decimals: source.decimals, isEnabled: true, suspendedUntil: 0 };
  return { config: { kind, feed, maxAgeSeconds, base, quote }, state };
}

/** Where a feed is pinned and who answers for a registry is read from the source itself: no setting. */
function settingsOf(answer: PlainValue, now: number): Value {
  const { config, state } = answer as { config: Fields; state: Fields };
  const { decimals, isEnabled, suspendedUntil } = state;
  const isSuspended = (suspendedUntil as bigint) > BigInt(now);
  return { config, state: { decimals, isEnabled, suspendedUntil: isSuspended ? suspendedUntil : 0 } };
}
