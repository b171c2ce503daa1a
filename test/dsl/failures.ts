import { expect } from "chai";

/** The message of an attempt's error; a test that expects one fails where there is none. */
export async function failureOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => expect.fail("nothing failed"),
    (error: unknown) => (error as Error).message,
  );
}
