/** Seconds after the first failure in which it may still be shrunk. */
const SHRINKING_SECONDS = Number(process.env.SHRINKING_SECONDS ?? 30);

/**
 * Bounds what a property may take: after so many seconds no further case is begun. A case that is running is always
 * finished, unlike with fast-check's own limit, which would leave its transactions to the next test.
 */
export class Budget {
  private endsAt: number;
  private hasFailed = false;

  constructor(seconds: number) {
    this.endsAt = Date.now() + seconds * 1_000;
  }

  /** The predicate of a property, within the budget. */
  bound<T extends unknown[]>(predicate: (...args: T) => Promise<void>): (...args: T) => Promise<void> {
    return async (...args) => {
      if (Date.now() > this.endsAt) return;
      try {
        await predicate(...args);
      } catch (error) {
        if (!this.hasFailed) this.endsAt = Date.now() + SHRINKING_SECONDS * 1_000;
        this.hasFailed = true;
        throw error;
      }
    };
  }
}
