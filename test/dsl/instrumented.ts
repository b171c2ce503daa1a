/** Whether contracts say what they reach (`npm run coverage`): some thousands of gas more for every transaction. */
export const IS_INSTRUMENTED = process.env.ASTERISM_COVERAGE === "true";

/** A test of how much gas something takes or needs, or that sends what is just enough: not so with instrumented contracts. */
export const itMeasuresGas = IS_INSTRUMENTED ? it.skip : it;

/** Tests of what bounds the gas of the transactions that it sends. */
export const describeBoundedGas = IS_INSTRUMENTED ? describe.skip : describe;
