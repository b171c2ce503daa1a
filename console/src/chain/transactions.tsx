/** From what somebody wants to what came of it: made, shown in full, signed, sent, mined, or why not. */
import { createContext, useCallback, useContext, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import type { Action, PermitData, PermitSpender, SignedPermit } from "@asterism/sdk";
import { decodeCall, decodePermit } from "../view/decode";
import type { AddressBook, DecodedCall } from "../view/decode";
import { PlainError, plainly } from "../view/plainly";
import type { Plain } from "../view/plainly";
import { ReviewDialog } from "../parts/ReviewDialog";
import { permitFor } from "./permits";
import { useSession } from "./session";
import { isUnsupported } from "./wallets";

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
  /** With a permit where one was signed. */
  readonly make: (permit?: SignedPermit) => Promise<Action<T>>;
  /** Sent before it, and shown with it. */
  readonly before?: () => Promise<Action<unknown>>;
  /** It carries prices, which grow old while it is read: it is made anew before it is sent, and shows the same or is not sent. */
  readonly isTimely?: boolean;
  /** Who takes an allowance for it by signature, where somebody does. */
  readonly permits?: PermitSpender;
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
const SHOWN = 4;
/** What went well is told so long; what did not stays until it is dismissed. */
const MINED_MS = 30_000;

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

  const run = useCallback(async <T,>(wanted: Wanted<T>): Promise<boolean> => {
    const { title, make, before, isTimely = false, permits } = wanted;
    const key = ++count.current;
    const show = (change: Omit<Progress, "key" | "title">) =>
      setProgress((all) => [{ key, title, ...change }, ...all.filter((each) => each.key !== key)].slice(0, SHOWN));
    /** Shown in full, unless its burner signs without a look. */
    const isAgreed = async (reviewed: string, calls: readonly DecodedCall[]): Promise<boolean> => {
      const { account: signer } = current.current;
      if (signer?.isBurner === true && trusted.current === signer.address) return true;
      show({ stage: "reviewing" });
      const answer = await new Promise<{ isSigned: boolean; isRemembered: boolean }>((resolve) => {
        setReview({ title: reviewed, calls, answer: (isSigned, isRemembered) => resolve({ isSigned, isRemembered }) });
      });
      setReview(null);
      if (!answer.isSigned) show({ stage: "dropped" });
      if (answer.isRemembered && signer?.isBurner === true) trusted.current = signer.address;
      return answer.isSigned;
    };
    show({ stage: "preparing" });
    try {
      const { asterism: system } = current.current;
      const book = bookOf(system);
      let action = await make();
      // Nobody is asked to allow what the account does not have.
      let missing = await action.allowancesToGive();
      const permit =
        missing.length === 1 && permits !== undefined ? await permitFor(system, action, permits) : undefined;
      if (permit !== undefined) {
        if (!(await isAgreed(`permit for: ${title}`, [decodePermit(book, permit)]))) return false;
        show({ stage: "signing" });
        const signed = await signedBy(system, permit);
        if (signed !== undefined) [action, missing] = [await make(signed), []];
      }
      const first = await before?.();
      // What the chain would refuse is told before anybody is asked to sign it; what follows on something else, once that is mined.
      if (missing.length === 0) await (first ?? action).simulate();
      const told = ({ transaction }: Action<unknown>) => decodeCall(book, transaction);
      const calls = [...missing, ...(first === undefined ? [] : [first]), action].map(told);
      if (!(await isAgreed(title, calls))) return false;
      show({ stage: "signing" });
      for (const step of missing) await step.send();
      if (first !== undefined && before !== undefined) await (await madeAnew(first, before, told)).send();
      const result = await (isTimely ? await madeAnew(action, make, told) : action).send();
      show({ stage: "mined", result: wanted.told?.(result) });
      setTimeout(() => setProgress((all) => all.filter((each) => each.key !== key)), MINED_MS);
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
  return { contracts, tokens: Object.values(chain.tokens), nativeSymbol: chain.nativeSymbol, pro: chain.pro };
}

/** The same once more, with the latest prices. */
async function madeAnew<T>(
  shown: Action<T>,
  make: () => Promise<Action<T>>,
  told: (action: Action<unknown>) => DecodedCall,
): Promise<Action<T>> {
  const action = await make();
  // Coin for prices is Pyth's to ask, and shown as it was.
  const isSame = JSON.stringify(told(action)) === JSON.stringify(told(shown));
  if (!isSame) throw new PlainError("It is no longer what was shown: nothing was sent. Try once more.");
  return action;
}

/** Undefined where the wallet signs no such thing: the allowance is given by a transaction then. */
async function signedBy({ connection, permits }: Connected, data: PermitData): Promise<SignedPermit | undefined> {
  try {
    const signature = await connection.signer?.signTypedData(data.domain, data.types, data.message);
    return signature === undefined ? undefined : permits.fromSignature(data, signature);
  } catch (error) {
    if (isUnsupported(error)) return undefined;
    throw error;
  }
}
