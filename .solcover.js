module.exports = {
  skipFiles: ["examples", "interfaces", "replica", "test"],
  // `scripts/coverage.ts` merges the data of both chains and reports on it.
  istanbulReporter: [],
  // Instrumentation adds locals; without the Yul optimizer's stack allocation they no longer fit.
  configureYulOptimizer: true,
};
