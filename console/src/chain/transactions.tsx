/** From what somebody wants to what came of it: made, shown in full, signed, sent, mined, or why not. */
import { createContext, useCallback, useContext, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import type { Action } from "@asterism/sdk";
import { decodeCall } from "../view/decode";
import type { AddressBook, DecodedCall } from "../view/decode";
import { plainly } from "../view/plainly";
import type { Plain } from "../view/plainly";
import { ReviewDialog } from "../parts/ReviewDialog";
import { useSession } from "./session";

export type Stage = "preparing" | "reviewing" | "signing" | "mined" | "failed" | "dropped";

export interface Progress {
  readonly key: number;
  readonly title: string;
  readonly stage: Stage;
  readonly problem?: Plain;
  /** What came of it, in words. */
  readonly result?: string;
}

export interface Wanted<T> {
  readonly title: string;
  readonly make: () => Promise<Action<T>>;
  /** What came of it, in words. */
  readonly told?: (result: T) => string;
}

interface Transactions {
  readonly progress: readonly Progress[];
  /** Whether it was mined. */
  readonly run: <T>(wanted: Wanted<T>) => Promise<boolean>;
  readonly dismiss: (key: number) => void;
}

interface Review {
  readonly title: string;
  readonly calls: readonly DecodedCall[];
  readonly answer: (isSigned: boolean, isRemembered: boolean) => void;
}

const Context = createContext<Transactions | null>(null);
const SHOWN = 5;

export function useTransactions(): Transactions {
  const transactions = useContext(Context);
  if (transactions === null) throw new Error("no transactions");
  return transactions;
}

export function TransactionsProvider({ children }: { children: ReactNode }) {
  const { asterism, account } = useSession();
  const [progress, setProgress] = useState<readonly Progress[]>([]);
  const [review, setReview] = useState<Review | null>(null);
  const count = useRef(0);
  /** The burner whose transactions are sent without a look at them, until the page is left. */
  const trusted = useRef<string | null>(null);
  const current = useRef({ asterism, account });
  current.current = { asterism, account };

  const run = useCallback(async <T,>({ title, make, told }: Wanted<T>): Promise<boolean> => {
    const key = ++count.current;
    const show = (change: Omit<Progress, "key" | "title">) =>
      setProgress((all) => [{ key, title, ...change }, ...all.filter((each) => each.key !== key)].slice(0, SHOWN));
    show({ stage: "preparing" });
    try {
      const action = await make();
      const missing = await action.missingAllowances();
      // What the chain would refuse is told before anybody is asked to sign it.
      if (missing.length === 0) await action.simulate();
      const steps = [...missing, action];
      const { account: signer } = current.current;
      if (signer === null || !signer.isBurner || trusted.current !== signer.address) {
        show({ stage: "reviewing" });
        const book = bookOf(current.current.asterism);
        const calls = steps.map(({ transaction }) => decodeCall(book, transaction));
        const answer = await new Promise<{ isSigned: boolean; isRemembered: boolean }>((resolve) => {
          setReview({ title, calls, answer: (isSigned, isRemembered) => resolve({ isSigned, isRemembered }) });
        });
        setReview(null);
        if (!answer.isSigned) {
          show({ stage: "dropped" });
          return false;
        }
        if (answer.isRemembered && signer?.isBurner === true) trusted.current = signer.address;
      }
      show({ stage: "signing" });
      for (const step of missing) await step.send();
      const result = await action.send();
      show({ stage: "mined", result: told?.(result) });
      return true;
    } catch (error) {
      setReview(null);
      show({ stage: "failed", problem: plainly(error) });
      return false;
    }
  }, []);

  const dismiss = useCallback((key: number) => setProgress((all) => all.filter((each) => each.key !== key)), []);
  const value = useMemo(() => ({ progress, run, dismiss }), [progress, run, dismiss]);
  return (
    <Context value={value}>
      {children}
      {review && <ReviewDialog {...review} canRemember={account?.isBurner === true} />}
    </Context>
  );
}

type Connected = ReturnType<typeof useSession>["asterism"];

function bookOf({ connection: { chain, contracts } }: Connected): AddressBook {
  return { contracts, tokens: Object.values(chain.tokens), nativeSymbol: chain.nativeSymbol };
}
