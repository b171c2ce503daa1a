import { useTransactions } from "../chain/transactions";
import type { Stage } from "../chain/transactions";

const STAGES: Readonly<Record<Stage, string>> = {
  preparing: "being made",
  reviewing: "waits for you to read it",
  signing: "waits to be signed and mined",
  mined: "mined",
  failed: "not done",
  dropped: "not signed: nothing was sent",
};

/** The state of every transaction of this visit, told to screen readers too. */
export function Notices() {
  const { progress, dismiss } = useTransactions();
  return (
    <div className="notices" role="log" aria-label="Transactions" aria-live="polite">
      {progress.map(({ key, title, stage, problem, result }) => (
        <div key={key} className={`notice ${stage}`}>
          <p>
            <strong>{title}</strong>: {STAGES[stage]}
            {result !== undefined && `. ${result}`}
          </p>
          {problem && (
            <p>
              {problem.name !== undefined && <code>{problem.name}</code>} {problem.words}
            </p>
          )}
          <button type="button" className="bare" aria-label={`Dismiss ${title}`} onClick={() => dismiss(key)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
