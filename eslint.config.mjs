import js from "@eslint/js";
import tseslint from "typescript-eslint";
import { noStartedPromises } from "./toolchain/eslint/no-started-promises.mjs";

const DEFAULT_EXPORTS = [
  { selector: "ExportDefaultDeclaration", message: "Export by name." },
  { selector: "ExportSpecifier[exported.name='default']", message: "Export by name." },
];

// Passes for any revert, or for any outcome: a test that asks no more can't tell the right one.
const BARE_REVERTS = [
  {
    selector: "MemberExpression[property.name='reverted']",
    message:
      "Name the error and its arguments (revertedWithCustomError and withArgs, revertedWithPanic, revertedWithoutReason), or what the call does.",
  },
];

/** Files `depth` folders below `sdk/` reach no further up than `sdk/` itself, and no package but its own. */
function ofSdk(depth) {
  const outside = `^(\\.\\./){${depth + 1}}`;
  const patterns = [
    { regex: outside, message: "The SDK stands alone: import nothing outside of sdk/." },
    { regex: "^(?!\\.|ethers$|@pythnetwork/hermes-client$)", message: "No package that sdk/package.json depends on." },
  ];
  const files = [`sdk/${"*/".repeat(depth)}*.ts`];
  return { files, rules: { "no-restricted-imports": ["error", { patterns }] } };
}

export default tseslint.config(
  {
    ignores: [
      "typechain-types",
      "artifacts",
      "cache",
      "coverage",
      "reports",
      "node_modules",
      "sdk/abis",
      "sdk/dist",
      "cli/dist",
      "keeper/dist",
      "console/dist",
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { asterism: { rules: { "no-started-promises": noStartedPromises } } },
    rules: {
      "asterism/no-started-promises": "error",
      eqeqeq: "error",
      "no-restricted-syntax": ["error", ...DEFAULT_EXPORTS],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    // Chai states its expectations as properties: `expect(x).to.be.true`.
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unused-expressions": "off",
      "no-restricted-syntax": ["error", ...DEFAULT_EXPORTS, ...BARE_REVERTS],
    },
  },
  {
    // Hardhat, Ignition and ESLint read a default export; a plugin is loaded by `require` where it is optional.
    files: [
      "hardhat.config.ts",
      "eslint.config.mjs",
      "{cli,keeper,sdk}/tsdown.config.mjs",
      "console/vite.config.mjs",
      "deploy/modules/**/*.ts",
    ],
    rules: { "no-restricted-syntax": "off", "@typescript-eslint/no-require-imports": "off" },
  },
  ...[0, 1, 2, 3].map(ofSdk),
  {
    // Plain JavaScript lies outside the TypeScript project.
    files: ["**/*.{js,cjs,mjs}"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        __dirname: "readonly",
        console: "readonly",
        module: "writable",
        process: "readonly",
        require: "readonly",
        URL: "readonly",
      },
    },
    rules: { "asterism/no-started-promises": "off", "@typescript-eslint/no-require-imports": "off" },
  },
);
