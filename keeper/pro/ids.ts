/** How Pro numbers accounts. */
const ACCOUNT_MASK = (1n << 40n) - 1n;

export const accountOfScope = (scope: bigint): bigint => scope >> 8n;
export const accountOfOrder = (id: bigint): bigint => (id >> 8n) & ACCOUNT_MASK;
/** The number of whose it is. */
export const ownerOfAccount = (account: bigint): bigint => account >> 8n;
