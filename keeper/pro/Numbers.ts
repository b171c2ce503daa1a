/** Small numbers for ids that are too large for an index. */
export class Numbers {
  private readonly numbers = new Map<bigint, number>();
  private readonly ids = new Map<number, bigint>();
  private next = 1;

  of(id: bigint): number {
    const known = this.numbers.get(id);
    if (known !== undefined) return known;
    const number = this.next++;
    this.numbers.set(id, number);
    this.ids.set(number, id);
    return number;
  }

  /** Of a number that was given out and not forgotten. */
  idOf(number: number): bigint {
    return this.ids.get(number) as bigint;
  }

  forget(id: bigint): void {
    const number = this.numbers.get(id);
    if (number === undefined) return;
    this.numbers.delete(id);
    this.ids.delete(number);
  }

  clear(): void {
    this.numbers.clear();
    this.ids.clear();
  }
}
