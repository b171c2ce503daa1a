import type { Stage } from "../strategy";

export const PRO_STAGE: Stage<null> = { strategies: [], prepare: () => Promise.resolve(null) };
