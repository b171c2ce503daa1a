import * as Slider from "@radix-ui/react-slider";
import { useEffect, useId, useState } from "react";
import { SLIDER_STEPS, leverageAt, marksOf, nextLeverage, positionOf, readLeverage } from "../view/slider";
import type { LeverageRange } from "../view/slider";

interface Props {
  readonly leverage: number;
  readonly range: LeverageRange;
  readonly onChange: (leverage: number) => void;
}

/** Leverage by slider, by number and by key: a slider of the logarithm, with a number beside it. */
export function LeverageSlider({ leverage, range, onChange }: Props) {
  const id = useId();
  const [text, setText] = useState(String(leverage));
  useEffect(() => setText(String(leverage)), [leverage]);
  const isWrong = readLeverage(text, range) === undefined;
  return (
    <div className="leverage">
      <div className="row">
        <label htmlFor={id}>Leverage</label>
        <span className="input short">
          <input
            id={id}
            inputMode="numeric"
            autoComplete="off"
            value={text}
            aria-invalid={isWrong}
            onChange={(event) => {
              setText(event.target.value);
              const read = readLeverage(event.target.value, range);
              if (read !== undefined) onChange(read);
            }}
            onBlur={() => setText(String(leverage))}
          />
          ×
        </span>
      </div>
      <Slider.Root
        className="slider"
        min={0}
        max={SLIDER_STEPS}
        step={1}
        value={[positionOf(leverage, range)]}
        onValueChange={([position]) => onChange(leverageAt(position, range))}
        onKeyDown={(event) => {
          const up = event.key === "ArrowRight" || event.key === "ArrowUp";
          if (!up && event.key !== "ArrowLeft" && event.key !== "ArrowDown") return;
          event.preventDefault();
          onChange(nextLeverage(leverage, up ? 1 : -1, range));
        }}
      >
        <Slider.Track className="track">
          <Slider.Range className="filled" />
        </Slider.Track>
        <Slider.Thumb className="thumb" aria-label="Leverage" aria-valuetext={`${leverage} times`} />
      </Slider.Root>
      <div className="marks">
        {marksOf(range).map((mark) => (
          <button key={mark} type="button" className="bare" onClick={() => onChange(mark)} aria-label={`${mark} times`}>
            {mark}×
          </button>
        ))}
      </div>
    </div>
  );
}
