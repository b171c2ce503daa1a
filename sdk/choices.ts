import { UnknownNameError } from "./chains";

/** Whether the first of two was chosen. What is neither, as who writes without types may write, is not taken for the second. */
export function isFirstOf<T extends string>(what: string, choices: readonly [T, T], choice: T): boolean {
  if (!choices.includes(choice)) throw new UnknownNameError(what, choice, choices);
  return choice === choices[0];
}
