/** What a promise fails with. Throws if it does not fail. */
export async function thrownBy(attempt: Promise<unknown>): Promise<Error> {
  try {
    await attempt;
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error, but the attempt succeeded");
}
