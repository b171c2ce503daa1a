/** xorshift64*: whole numbers below a bound, the same for the same seed, everywhere. */
export function randomOf(seed: bigint): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state >> 12n;
    state = BigInt.asUintN(64, state ^ (state << 25n));
    state ^= state >> 27n;
    return Number((BigInt.asUintN(64, state * 2_685_821_657_736_338_717n) >> 33n) % BigInt(below));
  };
}
