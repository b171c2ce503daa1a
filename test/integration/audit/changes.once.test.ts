import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { audit } from "../../../deploy/audit";
import type { Finding } from "../../../deploy/audit";
import { interfaceOf } from "../../../deploy/audit/question";
import { ROLE_TABLE } from "../../../deploy/roles";
import { changesOf } from "./changes";
import type { Change, GovernanceCall } from "./changes";
import { auditedFixture, govern } from "./fixture";

const TIMEOUT_MS = 180_000;

/** Restricted functions that change no setting: each with the reason. */
const NO_SETTING = {
  "Vault.initialise": "was called by the deployment, and can't be called again",
  "ProConfigurator.releaseFund": "moves a market's fund when Pro is closed for good",
};

/** Functions of the AccessManager that nobody has to be ADMIN for, or that run what others have scheduled. */
const NO_ADMINISTRATION = ["cancel", "consumeScheduledOp", "execute", "multicall", "renounceRole", "schedule"];

describe("audit of a changed system", function () {
  this.timeout(TIMEOUT_MS);

  it("names every single change that governance can make", async () => {
    const fixture = await loadFixture(auditedFixture);
    const { record, profile, strangers } = fixture;
    const differences = async () => (await audit(ethers.provider, record)).differences;
    expect(await differences()).to.deep.equal([]);

    const missed: string[] = [];
    for (const round of roundsOf(changesOf(profile, record, strangers))) {
      const snapshot = await takeSnapshot();
      const done = new Set<string>();
      const once = async (call: GovernanceCall) => {
        const key = JSON.stringify([call.on, call.name, call.args], (_, value: unknown) =>
          typeof value === "bigint" ? value.toString() : value,
        );
        if (!done.has(key)) await govern(fixture, call);
        done.add(key);
      };
      for (const before of round.flatMap(({ after }) => after ?? [])) await once(before);
      const former = round[0].isAlone && round[0].after !== undefined ? await differences() : [];
      for (const change of round) await once(change);
      const found = await differences();
      for (const change of round) {
        const shown = `${record.contracts[change.on].contract}.${change.name}: ${change.what}`;
        if (!isNamed(change, former, found)) missed.push(`${shown}; it says ${JSON.stringify(found)}`);
      }
      await snapshot.restore();
    }
    expect(missed).to.deep.equal([]);
  });

  it("has a change for every restricted function and for all of the AccessManager's administration", async () => {
    const { record, profile, strangers } = await loadFixture(auditedFixture);
    const made = changesOf(profile, record, strangers).map(
      ({ on, name }) => `${record.contracts[on].contract}.${name}`,
    );
    const restricted = Object.entries(ROLE_TABLE).flatMap(([contract, row]) =>
      Object.keys(row).map((name) => `${contract}.${name}`),
    );
    const administration: string[] = [];
    interfaceOf("AccessManager").forEachFunction(({ name, constant }) => {
      if (!constant && !NO_ADMINISTRATION.includes(name)) administration.push(`AccessManager.${name}`);
    });
    const expected = [...restricted, ...administration].filter((name) => !(name in NO_SETTING));
    expect([...new Set(made)].sort()).to.deep.equal(expected.sort());
  });
});

/**
 * Changes that are made together: each of another contract's, book's or market's settings, so that none hides another. With
 * `ASTERISM_EXHAUSTIVE` each is made by itself.
 */
function roundsOf(changes: readonly Change[]): Change[][] {
  const rounds: { subjects: Set<string>; changes: Change[] }[] = [];
  const alone: Change[][] = [];
  for (const change of changes) {
    if (change.isAlone || process.env.ASTERISM_EXHAUSTIVE === "true") {
      alone.push([change]);
      continue;
    }
    const subject = change.what.replace(/(\[\d+\])?(\.\w+)?$/, "");
    let round = rounds.find(({ subjects }) => !subjects.has(subject));
    if (round === undefined) {
      round = { subjects: new Set(), changes: [] };
      rounds.push(round);
    }
    round.subjects.add(subject);
    round.changes.push(change);
  }
  return [...rounds.map(({ changes: together }) => together), ...alone];
}

/** The thing differs now and is found as it was set; or, where it differed before, it is what it was to be again. */
function isNamed(
  { what, found }: { what: string; found: string },
  former: readonly Finding[],
  now: readonly Finding[],
) {
  const of = (findings: readonly Finding[]) => findings.find((finding) => finding.what === what);
  const seen = of(now);
  if (seen === undefined) return of(former) !== undefined && of(former)?.expected === found;
  return (found === "some" || seen.found === found) && seen.found !== of(former)?.found;
}
