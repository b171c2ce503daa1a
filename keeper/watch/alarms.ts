/** What is wrong at the moment. Each thing is told when it begins and when it ends, and not again meanwhile. */
import type { Logger } from "pino";
import type { Metrics } from "./metrics";

export const ALARMS = {
  nodes: "no node answers",
  nodesDiffer: "two nodes tell different blocks: nothing is sent until they agree",
  nodeLags: "a node has fallen behind",
  drift: "the chain's latest block and the clock on the wall are far apart",
  prices: "no prices come",
  signers: "updates are signed by a set of guardians that the chain does not know",
  sources: "a push source is older than the aggregator lets it be",
  state: "the state can't be stored: a restart would read it from the contracts",
  funds: "the account can't pay for gas",
  sending: "transactions are refused",
  round: "a round of work failed",
  stuck: "something that was due was not done in time",
} as const;

export type Alarm = keyof typeof ALARMS;

/** Of these nothing can be done until they end. */
const GRAVE = new Set<Alarm>(["nodes", "nodesDiffer", "prices", "signers", "funds"]);

export class Alarms {
  private readonly raised = new Map<Alarm, string>();
  /** Everything that was wrong at any time. */
  readonly ever = new Set<Alarm>();

  constructor(
    private readonly log: Logger,
    private readonly metrics: Metrics,
  ) {}

  raise(alarm: Alarm, detail: string): void {
    this.ever.add(alarm);
    this.metrics.alarms.set({ alarm }, 1);
    const isNew = !this.raised.has(alarm);
    this.raised.set(alarm, detail);
    if (!isNew) return;
    const message = `${ALARMS[alarm]}: ${detail}`;
    if (GRAVE.has(alarm)) this.log.fatal({ alarm }, message);
    else this.log.error({ alarm }, message);
  }

  end(alarm: Alarm): void {
    if (!this.raised.delete(alarm)) return;
    this.metrics.alarms.set({ alarm }, 0);
    this.log.info({ alarm }, `no longer: ${ALARMS[alarm]}`);
  }

  set(alarm: Alarm, isRaised: boolean, detail = ""): void {
    if (isRaised) this.raise(alarm, detail);
    else this.end(alarm);
  }

  get current(): { readonly alarm: Alarm; readonly detail: string }[] {
    return [...this.raised].map(([alarm, detail]) => ({ alarm, detail }));
  }

  get isGrave(): boolean {
    return [...this.raised.keys()].some((alarm) => GRAVE.has(alarm));
  }
}
