/** Which second of a path a time on the chain shows: prices may stand still for a while and go on where they stood. */
export class Clock {
  private readonly pieces: { from: number; second: number; isStill: boolean }[] = [
    { from: 0, second: 0, isStill: true },
  ];

  secondOf(time: number): number {
    const piece = this.pieces.filter(({ from }) => from <= time).at(-1) ?? this.pieces[0];
    return piece.isStill ? piece.second : piece.second + time - piece.from;
  }

  /** From that time on the seconds pass again, the second after the one that stands first. */
  go(time: number): void {
    this.pieces.push({ from: time, second: this.secondOf(time) + 1, isStill: false });
  }

  /** From that time on the price stands where it is then. */
  stand(time: number): void {
    this.pieces.push({ from: time, second: this.secondOf(time), isStill: true });
  }
}
