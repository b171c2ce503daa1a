import { useState } from "react";
import type { DecodedCall } from "../view/decode";
import { wordsOf } from "../view/format";
import { Dialog } from "./Dialog";

interface Props {
  readonly title: string;
  readonly calls: readonly DecodedCall[];
  readonly canRemember: boolean;
  readonly answer: (isSigned: boolean, isRemembered: boolean) => void;
}

/** Everything that is about to be signed, in full. */
export function ReviewDialog({ title, calls, canRemember, answer }: Props) {
  const [isRemembered, setIsRemembered] = useState(false);
  const isSignature = calls.some(({ isSignature: is }) => is);
  const what = isSignature
    ? "A signature and no transaction: it gives this allowance, once, together with the transaction that is shown next"
    : calls.length === 1
      ? "One transaction"
      : `${calls.length} transactions, in this order`;
  return (
    <Dialog title={`Sign: ${title}`} onClose={() => answer(false, false)}>
      <p className="quiet">{what}. Read what it says; the contracts hold you to this and not to the page.</p>
      {calls.map((call, index) => (
        <section key={index} className="call" aria-label={`${isSignature ? "Signature" : "Transaction"} ${index + 1}`}>
          <Call call={call} />
        </section>
      ))}
      {canRemember && (
        <label className="check">
          <input type="checkbox" checked={isRemembered} onChange={(event) => setIsRemembered(event.target.checked)} />
          Sign this burner's next transactions without asking, until the page is left
        </label>
      )}
      <div className="actions">
        <button type="button" onClick={() => answer(false, false)}>
          Do not sign
        </button>
        <button type="button" className="primary" onClick={() => answer(true, isRemembered)} autoFocus>
          {isSignature ? "Sign the permit" : "Sign and send"}
        </button>
      </div>
    </Dialog>
  );
}

const HEADINGS: Readonly<Record<string, string>> = {
  approve: "allow exactly",
  permit: "allow exactly, by signature",
  multicall: "in one",
};

function Call({ call }: { call: DecodedCall }) {
  return (
    <>
      <h3>
        {HEADINGS[call.call] ?? wordsOf(call.call)} <span className="quiet">on {call.target}</span>
      </h3>
      {!call.isKnown && <p role="alert">This contract or call is none of the system's. Do not sign it.</p>}
      <dl className="facts">
        <Fact name="contract" text={call.address} />
        {call.value !== undefined && <Fact name="sends" text={call.value} />}
        {call.args.map(({ name, text }, place) => (
          <Fact key={place} name={name} text={text} />
        ))}
      </dl>
      {call.inner.map((each, place) => (
        <section key={place} className="call" aria-label={`Part ${place + 1}`}>
          <Call call={each} />
        </section>
      ))}
    </>
  );
}

function Fact({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt>{wordsOf(name)}</dt>
      <dd className={text.length > 40 ? "address" : undefined}>{text}</dd>
    </>
  );
}
