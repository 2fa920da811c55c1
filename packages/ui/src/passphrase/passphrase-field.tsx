import { type ReactElement, useId, useState } from "react";
import fieldClasses from "../field.module.css";
import classes from "./passphrase-field.module.css";
import { passphraseTexts as texts } from "./texts.ts";

interface PassphraseFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** "off" for what no password manager should offer to keep. */
  readonly autoComplete: "current-password" | "new-password" | "off";
  /** No passphrase: browsers offer to keep what is entered as a password whatever they are told, and this is to be kept nowhere. */
  readonly isNoPassword?: boolean;
  readonly hint?: string | undefined;
  /** What is wrong with what was entered. */
  readonly problem?: string | undefined;
  /** It has the focus first in a dialog, or on a page where it is the one thing to fill in. */
  readonly isFirst?: boolean;
  readonly disabled?: boolean;
}

/** An input for something secret: hidden until the reader wants to see it, and it says where Caps Lock is on. */
export function PassphraseField(props: PassphraseFieldProps): ReactElement {
  const {
    label,
    value,
    onChange,
    autoComplete,
    hint,
    problem,
    isFirst = false,
    disabled = false,
    isNoPassword = false,
  } = props;
  const id = useId();
  const [isShown, setIsShown] = useState(false);
  const [isCapsLock, setIsCapsLock] = useState(false);
  const note = problem ?? hint;
  const look = (event: { getModifierState(key: string): boolean }) => setIsCapsLock(event.getModifierState("CapsLock"));
  return (
    <div className={fieldClasses.field}>
      <label id={`${id}-label`} htmlFor={id}>
        {label}
      </label>
      <div className={classes.place}>
        <input
          id={id}
          type={isShown || isNoPassword ? "text" : "password"}
          data-masked={isNoPassword && !isShown}
          value={value}
          disabled={disabled}
          autoComplete={autoComplete}
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-caps${note === undefined ? "" : ` ${id}-note`}`}
          {...(isFirst && { "data-autofocus": true, autoFocus: true })}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={look}
          onKeyUp={look}
          onBlur={() => setIsCapsLock(false)}
        />
        <button
          type="button"
          className={classes.toggle}
          aria-describedby={`${id}-label`}
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? texts.hide : texts.show}
        </button>
      </div>
      <span id={`${id}-caps`} className={classes.caps} role="status">
        {isCapsLock && texts.capsLock}
      </span>
      {note !== undefined && (
        <span
          id={`${id}-note`}
          className={problem === undefined ? undefined : fieldClasses.problem}
          role={problem === undefined ? undefined : "alert"}
        >
          {note}
        </span>
      )}
    </div>
  );
}
