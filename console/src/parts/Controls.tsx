import * as ToggleGroup from "@radix-ui/react-toggle-group";
import { useId } from "react";
import type { ReactNode } from "react";
import { NONE, capitalised } from "../view/format";
import type { Plain } from "../view/plainly";

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly {
    readonly value: NoInfer<T>;
    readonly text: string;
    readonly tone?: string;
    readonly isOff?: boolean;
  }[];
  readonly onChange: (value: NoInfer<T>) => void;
}

/** One of a few, in a row. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      className="choice"
      aria-label={label}
      value={value}
      onValueChange={(next: string) => {
        if (next !== "") onChange(next as T);
      }}
    >
      {options.map(({ value: each, text, tone, isOff }) => (
        <ToggleGroup.Item key={each} value={each} className={tone} disabled={isOff}>
          {text}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

interface SidesProps<T extends string> {
  readonly label?: string;
  readonly value: T;
  /** Their words are their names; the first gains by a rise. */
  readonly of: readonly [rise: NoInfer<T>, fall: NoInfer<T>];
  readonly onChange: (value: NoInfer<T>) => void;
}

/** Which way: with a rise or with a fall, in their colours. */
export function Sides<T extends string>({ label = "Side", value, of: [rise, fall], onChange }: SidesProps<T>) {
  const option = (side: T, tone: string) => ({ value: side, text: capitalised(side), tone });
  return (
    <Choice label={label} value={value} onChange={onChange} options={[option(rise, "buy"), option(fall, "sell")]} />
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly unit?: ReactNode;
  readonly hint?: ReactNode;
  readonly placeholder?: string;
  readonly onChange: (value: string) => void;
}

/** A number as text: it is read exactly or refused, never rounded. */
export function NumberField(props: FieldProps) {
  return <Field {...props} inputMode="decimal" taken={(text) => text.replace(/[^\d.]/g, "")} />;
}

/** Text as it is written, without what surrounds it. */
export function TextField(props: FieldProps) {
  return <Field {...props} inputMode="text" taken={(text) => text.trim()} />;
}

interface FieldKind {
  readonly inputMode: "decimal" | "text";
  /** What of it is taken. */
  readonly taken: (text: string) => string;
}

function Field({ label, value, unit, hint, placeholder, onChange, inputMode, taken }: FieldProps & FieldKind) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <span className="input">
        <input
          id={id}
          inputMode={inputMode}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={value}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onChange={(event) => onChange(taken(event.target.value))}
        />
        {unit}
      </span>
      {hint !== undefined && (
        <small id={`${id}-hint`} className="quiet">
          {hint}
        </small>
      )}
    </div>
  );
}

interface PickProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly isHidden?: boolean;
  readonly onChange: (value: string) => void;
}

export function Pick({ label, value, options, isHidden = false, onChange }: PickProps) {
  const id = useId();
  return (
    <span className="pick">
      <label htmlFor={id} className={isHidden ? "unseen" : undefined}>
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </span>
  );
}

/** Names and values beside each other. A value that was not known yet is another element: nothing has moved when it comes. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode, string?])[] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value, tone]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd key={value === NONE ? "unknown" : "known"} className={tone}>
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Why something can't be, in the contracts' name for it and in words. */
export function Refusal({ plain, id }: { plain: Plain | undefined; id?: string }) {
  return (
    <div className="refusal" id={id} role="status">
      {plain && (
        <p>
          {plain.name !== undefined && <code>{plain.name}</code>} {plain.words}
        </p>
      )}
    </div>
  );
}

export const toneOf = (value: bigint): string => (value > 0n ? "good" : value < 0n ? "bad" : "");
