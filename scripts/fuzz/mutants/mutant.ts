/** A fault, where it is put, and the invariant that must break. */
export interface Mutant {
  /** Of `docs/invariants.md`: begins the message of what fails, or stands in the title of the test that does. */
  readonly breaks: string;
  readonly name: string;
  readonly source: string;
  /** Those that are deployed with the fault in their code. */
  readonly contracts: readonly string[];
  /** Stands in the source once. */
  readonly from: string;
  readonly to: string;
  readonly by: Campaign | Test;
}

/** What forge draws. */
interface Campaign {
  readonly campaign: string;
  readonly seed: number;
  /** Samples leave it out: of a minute it takes a third or more. */
  readonly isLong?: boolean;
}

/** A test file, of which those tests are run that name the invariant. */
interface Test {
  readonly test: string;
  readonly chain?: "arbitrum";
}

/** Found by a campaign, with the first seed where no other is better. */
export const drawn = (campaign: string, seed = 1): Campaign => ({ campaign, seed });
export const tested = (test: string): Test => ({ test });
