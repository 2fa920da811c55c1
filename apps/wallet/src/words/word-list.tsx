import { textsOf } from "@bitfleet/ui/texts.ts";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import classes from "./word-list.module.css";

const texts = textsOf({ en: { show: "Show the words", label: "Recovery phrase", hidden: "hidden" } });

interface WordListProps {
  readonly words: readonly string[];
  /** Hidden ones are not in the document at all. */
  readonly isShown: boolean;
  readonly onShow: () => void;
}

/** The words of a recovery phrase with their numbers, seen when that is asked for. */
export function WordList({ words, isShown, onShow }: WordListProps): ReactElement {
  return (
    <div className={classes.place}>
      <ol className={classes.words} aria-label={texts.label} data-testid="words">
        {words.map((word, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a word is at its place, and may be there twice
          <li key={index}>
            <span className={classes.number} aria-hidden="true">
              {index + 1}
            </span>
            {isShown ? (
              <span translate="no">{word}</span>
            ) : (
              <span className={classes.dots} role="img" aria-label={texts.hidden}>
                ••••••
              </span>
            )}
          </li>
        ))}
      </ol>
      {!isShown && (
        <div className={classes.cover}>
          <Button onClick={onShow}>{texts.show}</Button>
        </div>
      )}
    </div>
  );
}
