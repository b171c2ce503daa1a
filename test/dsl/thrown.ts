/** What a promise fails with. Throws if it does not fail. */
export async function thrownBy(attempt: Promise<unknown>): Promise<Error> {
  try {
    await attempt;
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error, but the attempt succeeded");
}

/** The message of an attempt's error; a test that expects one fails where there is none. */
export async function failureOf(attempt: Promise<unknown>): Promise<string> {
  return (await thrownBy(attempt)).message;
}
