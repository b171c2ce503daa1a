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
  return (
    <Dialog title={`Sign: ${title}`} onClose={() => answer(false, false)}>
      <p className="quiet">
        {calls.length === 1 ? "One transaction" : `${calls.length} transactions, in this order`}. Read what it says; the
        contracts hold you to this and not to the page.
      </p>
      {calls.map((call, index) => (
        <section key={index} className="call" aria-label={`Transaction ${index + 1}`}>
          <h3>
            {call.call === "approve" ? "allow exactly" : wordsOf(call.call)}{" "}
            <span className="quiet">on {call.target}</span>
          </h3>
          {!call.isKnown && <p role="alert">This contract or call is none of the system's. Do not sign it.</p>}
          <dl className="facts">
            <dt>contract</dt>
            <dd className="address">{call.address}</dd>
            {call.value !== undefined && (
              <>
                <dt>sends</dt>
                <dd>{call.value}</dd>
              </>
            )}
            {call.args.map(({ name, text }, place) => (
              <Fact key={place} name={name} text={text} />
            ))}
          </dl>
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
          Sign and send
        </button>
      </div>
    </Dialog>
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
