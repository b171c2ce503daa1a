import { useEffect, useState } from "react";
import { practice } from "../chain/config";
import type { PracticeState } from "../chain/config";
import { plainly } from "../view/plainly";
import { durationText } from "../view/format";

const NUDGES = [
  ["−1%", -10_000],
  ["−0.1%", -1_000],
  ["+0.1%", 1_000],
  ["+1%", 10_000],
] as const;
const POLL_MS = 2_000;

/** The price of a replica is in the hands of whoever practises. */
export function Practice() {
  const [state, setState] = useState<PracticeState | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const ask = (command?: Record<string, unknown>) => {
    practice(command).then(setState, (error: unknown) => setProblem(plainly(error).words));
  };
  useEffect(() => {
    ask();
    const timer = setInterval(() => ask(), POLL_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <section className="practice" aria-label="Practice: the price is yours">
      <span className="told">
        <strong>Practice</strong>{" "}
        <span className="quiet">
          no money is at stake{state && `; prices: ${state.path}, ${durationText(state.second)} in`}
        </span>
      </span>
      <span className="buttons">
        <button
          type="button"
          className="hold"
          disabled={state === null}
          onClick={() => ask({ pause: state?.isPaused !== true })}
        >
          {state?.isPaused === true ? "Let the price go" : "Hold the price"}
        </button>
        {NUDGES.map(([text, nudgePips]) => (
          <button key={text} type="button" onClick={() => ask({ nudgePips })} aria-label={`Move the price by ${text}`}>
            {text}
          </button>
        ))}
        <label>
          speed{" "}
          <select value={state?.speed ?? 1} onChange={(event) => ask({ speed: Number(event.target.value) })}>
            {[...new Set([1, 5, 20, 60, state?.speed ?? 1])]
              .sort((a, b) => a - b)
              .map((speed) => (
                <option key={speed} value={speed}>
                  {speed}×
                </option>
              ))}
          </select>
        </label>
      </span>
      {problem !== null && <span role="alert">{problem}</span>}
    </section>
  );
}
