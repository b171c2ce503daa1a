/** solidity-coverage's istanbul ships no types: what merges its data and writes reports. */
declare module "sc-istanbul" {
  export class Collector {
    add(coverage: object): void;
    /** What was added, merged: by the path of each source. */
    getFinalCoverage(): unknown;
  }

  export class Reporter {
    constructor(config: false, folder: string);
    add(report: string): void;
    write(collector: Collector, isSynchronous: true, done: (error?: Error) => void): void;
  }
}
