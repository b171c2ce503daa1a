/** Everything of the SDK but the ABIs (`@asterism/sdk/abis`) and the model (`@asterism/sdk/model`). */
export * from "./abi";
export * from "./betIndexer";
export * from "./chains";
export * from "./chains/deployment";
export * from "./enums";
export * from "./errors";
export * from "./indexer";
export * from "./pyth/wire";
export * from "./units";
