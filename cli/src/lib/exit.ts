/** What a command ends with. Documented in the README. */
export const EXIT = {
  fine: 0,
  /** A fault of the program: its stack is told. */
  fault: 1,
  /** The command line, a file or a variable can't be taken. */
  usage: 2,
  /** The chain, or the system on it, refuses. */
  refused: 3,
  /** An audit, a watch or a doctor has found something. */
  found: 4,
  /** No node, no price service, or not the right one. */
  unreachable: 5,
  /** No key, or not the right one. */
  key: 6,
  /** Another command is at work on the same thing. */
  busy: 7,
  /** The disk is full, or can't be written to. */
  disk: 8,
  /** It was interrupted before it was done. */
  interrupted: 130,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];
