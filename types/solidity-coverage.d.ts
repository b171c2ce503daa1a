declare module "solidity-coverage/lib/injector" {
  /** Writes the calls that count into sources, and the functions they call. */
  class Injector {
    injectHashMethod: (this: Injector, contract: { source: string }, ...others: unknown[]) => void;
    _getDefaultMethodIdentifier(id: string): string;
    _getTrueMethodIdentifier(id: string): string;
    _getFalseMethodIdentifier(id: string): string;
    _getDefaultMethodDefinition(id: string): string;
    _getFileScopedHashMethodDefinition(id: string): string;
    _getTrueMethodDefinition(id: string): string;
    _getFileScopeTrueMethodDefinition(id: string): string;
    _getFalseMethodDefinition(id: string): string;
    _getFileScopedFalseMethodDefinition(id: string): string;
  }
  export = Injector;
}

declare module "solidity-coverage/lib/api" {
  interface Hits {
    hits: number;
  }
  /** What the plugin's task drives. */
  class API {
    instrumenter: { instrumentationData: Record<string, Hits | undefined> };
    attachToHardhatVM(provider: unknown): Promise<void>;
  }
  export = API;
}

declare module "solidity-coverage/lib/instrumenter" {
  interface Mapped {
    statementMap: Record<string, object>;
    branchMap: Record<string, object>;
    fnMap: Record<string, object>;
  }
  /** Says where in a source there is something to count. */
  class Instrumenter {
    instrument(source: string, path: string): Mapped;
  }
  export = Instrumenter;
}
