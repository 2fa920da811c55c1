import { Amount } from "@bitfleet/ui/amount.tsx";
import type { ReactElement } from "react";
import type { KeySweep } from "../../session/account.ts";
import classes from "./sweep.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.found;

type Found = KeySweep["found"][number];

/** What a key has, by kind of address, with what is not to be had yet. */
export function FoundKinds({ found }: { readonly found: KeySweep["found"] }): ReactElement {
  return (
    <ul className={classes.kinds} aria-label={texts.list} data-testid="found">
      {found.map((one) => (
        <li key={one.kind}>
          <span>
            <strong>{texts.kinds[one.kind]}</strong>
            <span className={classes.count}>{one.ready.count === 0 ? texts.none : texts.ready(one.ready.count)}</span>
          </span>
          <Amount sats={one.ready.sats} />
          <span className={classes.address}>{one.address ?? texts.noAddress}</span>
          <Later found={one} />
        </li>
      ))}
    </ul>
  );
}

function Later({ found: { waiting, immature, leaving } }: { readonly found: Found }): ReactElement {
  const lines = [
    { tally: waiting, text: texts.waiting(waiting.count) },
    { tally: immature, text: texts.immature(immature.count, immature.blocks) },
    { tally: leaving, text: texts.leaving(leaving.count) },
  ];
  return (
    <>
      {lines
        .filter(({ tally }) => tally.count > 0)
        .map(({ tally, text }) => (
          <p key={text} className={classes.later}>
            {text} <Amount sats={tally.sats} />
          </p>
        ))}
    </>
  );
}
