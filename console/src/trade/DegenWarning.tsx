import { Dialog } from "../parts/Dialog";

/** Before the first Degen order of a visit. */
export function DegenWarning({ onAnswer }: { onAnswer: (isTaken: boolean) => void }) {
  return (
    <Dialog title="Before your first Degen order" onClose={() => onAnswer(false)}>
      <ul className="words">
        <li>At 1001× a move of about 0.06% against you takes the whole margin. That is the noise of a minute.</li>
        <li>Margin can't be added later: what you pay in is what you may lose, all of it.</li>
        <li>
          The order fills three seconds later, at the first price then: nobody knows it now, neither you nor who
          executes it.
        </li>
        <li>
          Nothing is paid to open; a close costs 0.03% of the notional, or 15% of the gross profit if that is more.
        </li>
        <li>A gain is held to five times the margin up to 750×, to three times above.</li>
      </ul>
      <div className="actions">
        <button type="button" onClick={() => onAnswer(false)}>
          Leave it
        </button>
        <button type="button" className="danger" onClick={() => onAnswer(true)}>
          I can lose all of it
        </button>
      </div>
    </Dialog>
  );
}
