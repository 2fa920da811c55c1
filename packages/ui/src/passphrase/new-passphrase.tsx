import { type ReactElement, useState } from "react";
import { guessingTime } from "./guessing-time.ts";
import classes from "./passphrase-field.module.css";
import { PassphraseField } from "./passphrase-field.tsx";
import { type StrengthLevel, strengthOf } from "./strength.ts";
import { passphraseTexts as texts } from "./texts.ts";

const LEVELS: readonly StrengthLevel[] = ["weak", "fair", "good", "strong"];

interface NewPassphraseProps {
  readonly label?: string;
  /** Characters that it must have. */
  readonly lengthMin: number;
  readonly value: string;
  /** It was sent off, so that what is missing is said. */
  readonly isTried: boolean;
  readonly isFirst?: boolean;
  /** `isReady`: long enough, and the same twice. */
  readonly onChange: (value: string, isReady: boolean) => void;
}

/** A passphrase that is chosen now: entered twice, with what it is worth. */
export function NewPassphrase(props: NewPassphraseProps): ReactElement {
  const { label = texts.label, lengthMin, value, isTried, isFirst = false, onChange } = props;
  const [again, setAgain] = useState("");
  const isShort = [...value].length < lengthMin;
  const change = (next: string, nextAgain: string) =>
    onChange(next, [...next].length >= lengthMin && next === nextAgain);
  return (
    <>
      <PassphraseField
        label={label}
        value={value}
        autoComplete="new-password"
        isFirst={isFirst}
        problem={isTried && isShort ? texts.tooShort(lengthMin) : undefined}
        onChange={(next) => change(next, again)}
      />
      <StrengthMeter passphrase={value} lengthMin={lengthMin} />
      <PassphraseField
        label={texts.again}
        value={again}
        autoComplete="new-password"
        problem={isTried && !isShort && again !== value ? texts.differs : undefined}
        onChange={(next) => {
          setAgain(next);
          change(value, next);
        }}
      />
    </>
  );
}

function StrengthMeter({
  passphrase,
  lengthMin,
}: {
  readonly passphrase: string;
  readonly lengthMin: number;
}): ReactElement {
  const { level, seconds } = strengthOf(passphrase);
  const isShort = [...passphrase].length < lengthMin;
  const reached = passphrase === "" ? 0 : isShort ? 1 : LEVELS.indexOf(level) + 1;
  return (
    <div className={classes.meter} data-level={isShort ? "weak" : level}>
      <div className={classes.bars} aria-hidden="true">
        {LEVELS.map((one, index) => (
          <span key={one} data-on={index < reached} />
        ))}
      </div>
      <p role="status" data-testid="strength">
        {passphrase === "" ? (
          texts.advice
        ) : isShort ? (
          texts.tooShort(lengthMin)
        ) : (
          <>
            <strong>{texts.levels[level]}:</strong> {texts.takes(guessingTime(seconds))}
          </>
        )}
      </p>
    </div>
  );
}
