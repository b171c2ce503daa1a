import { Pick } from "../parts/Controls";

const SECONDS = { "for ever": 0, "1 minute": 60, "1 hour": 3_600, "1 day": 86_400, "30 days": 2_592_000 } as const;

/** How long an order waits. */
export type Lasts = keyof typeof SECONDS;

export function Lasting({ value, onChange }: { value: Lasts; onChange: (value: Lasts) => void }) {
  return (
    <Pick label="Lasts" value={value} options={Object.keys(SECONDS)} onChange={(next) => onChange(next as Lasts)} />
  );
}

/** Its last second; 0 for none. */
export function expiryOf(lasts: Lasts, now: number): number {
  return SECONDS[lasts] === 0 ? 0 : now + SECONDS[lasts];
}
