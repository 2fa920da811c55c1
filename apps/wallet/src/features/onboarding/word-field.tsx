import { isMnemonicWord, mnemonicWordsFrom } from "@bitfleet/wallet/keys/mnemonic.ts";
import { type KeyboardEvent, type ReactElement, useId, useState } from "react";
import { texts as allTexts } from "./texts.ts";
import classes from "./word-field.module.css";

const texts = allTexts.restore;
const SUGGESTIONS_MAX = 5;

interface WordFieldProps {
  /** Counted from 1. */
  readonly place: number;
  readonly value: string;
  readonly inputRef: (element: HTMLInputElement | null) => void;
  readonly onChange: (value: string) => void;
  /** The word is complete: on to the next. */
  readonly onDone: () => void;
  /** Several words at once. */
  readonly onPaste: (text: string) => boolean;
}

/** One word of a phrase, completed from the list while it is typed. */
export function WordField({ place, value, inputRef, onChange, onDone, onPaste }: WordFieldProps): ReactElement {
  const id = useId();
  const [isFocused, setIsFocused] = useState(false);
  const [marked, setMarked] = useState(0);
  const [isClosed, setIsClosed] = useState(false);
  const word = value.trim().toLowerCase();
  const suggestions = word === "" ? [] : mnemonicWordsFrom(word, SUGGESTIONS_MAX);
  const isComplete = isMnemonicWord(word);
  const isOpen = isFocused && !isClosed && suggestions.length > 0 && !(isComplete && suggestions.length === 1);
  // While it is typed nothing is wrong yet, unless no word begins so.
  const isWrong = word !== "" && !isComplete && (!isFocused || suggestions.length === 0);
  const take = (chosen: string) => {
    onChange(chosen);
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setIsClosed(true);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && isOpen) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setMarked((marked + step + suggestions.length) % suggestions.length);
    } else if (event.key === " ") {
      event.preventDefault();
      if (isComplete) onDone();
      else if (suggestions.length === 1) take(suggestions[0]!);
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      take(suggestions[marked] ?? word);
    }
  };
  return (
    <div className={classes.place}>
      <label htmlFor={id}>{texts.word(place)}</label>
      <input
        ref={inputRef}
        id={id}
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen ? `${id}-${marked}` : undefined}
        aria-invalid={isWrong}
        aria-describedby={`${id}-problem`}
        value={value}
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        onFocus={() => setIsFocused(true)}
        onBlur={() => setIsFocused(false)}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          if (onPaste(event.clipboardData.getData("text"))) event.preventDefault();
        }}
        onChange={(event) => {
          setMarked(0);
          setIsClosed(false);
          onChange(event.target.value);
        }}
      />
      <span id={`${id}-problem`} className={classes.problem} role="status">
        {isWrong && texts.unknown}
      </span>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={texts.suggestions(place)}
        hidden={!isOpen}
        className={isOpen ? classes.list : undefined}
      >
        {isOpen &&
          suggestions.map((suggestion, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the input has the focus, and keys belong to it
            // biome-ignore lint/a11y/useKeyWithClickEvents: as above
            <div
              key={suggestion}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === marked}
              className={classes.option}
              // Before the input loses the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(suggestion)}
            >
              {suggestion}
            </div>
          ))}
      </div>
    </div>
  );
}
