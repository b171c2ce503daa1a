module.exports = {
  skipFiles: ["interfaces", "replica", "test"],
  istanbulReporter: ["text-summary", "html", "lcov", "json-summary"],
  // Instrumentation adds locals; without the Yul optimizer's stack allocation they no longer fit.
  configureYulOptimizer: true,
};
