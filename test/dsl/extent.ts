/**
 * Whether a run goes through every case of each product of circumstances (`npm run test:exhaustive`). Otherwise it goes
 * through every kind of each circumstance and both sides of every boundary, and not through all their combinations.
 */
export const IS_EXHAUSTIVE = process.env.ASTERISM_EXHAUSTIVE === "true";
