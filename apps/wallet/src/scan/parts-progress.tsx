import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Progress } from "@mantine/core";
import { type ReactElement, useState } from "react";
import type { Gathered } from "../parts/gather-parts.ts";
import classes from "./scan.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.parts;

/** Heard with the first part, and so many times until all are there: each would be heard behind the others, long after it was read. */
const TOLD_TIMES = 4;

const toldStep = ({ found, wanted }: Gathered) => Math.floor((TOLD_TIMES * found) / wanted);
const wordsOf = ({ found, wanted }: Gathered) => texts.progress(formatCount(found), formatCount(wanted));

/** How many parts of a message are read. */
export function PartsProgress({ gathered }: { readonly gathered: Gathered }): ReactElement {
  const [told, setTold] = useState(gathered);
  if (toldStep(told) !== toldStep(gathered) || told.wanted !== gathered.wanted) setTold(gathered);
  return (
    <div className={classes.parts}>
      <strong data-testid="parts">{wordsOf(gathered)}</strong>
      <Progress value={(100 * gathered.found) / gathered.wanted} aria-label={texts.label} />
      <p className={formClasses.note}>{texts.on}</p>
      <span className={classes.told} role="status">
        {wordsOf(told)}
      </span>
    </div>
  );
}
