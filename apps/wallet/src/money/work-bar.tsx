import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Progress } from "@mantine/core";
import { type ReactElement, useState, useSyncExternalStore } from "react";
import { LongWork } from "./long-work.ts";
import classes from "./money.module.css";
import { moneyTexts } from "./texts.ts";

const texts = moneyTexts.work;

export function useLongWork(): LongWork {
  return useState(() => new LongWork())[0];
}

/** Whether it takes long, and can be stopped. */
export function useIsLong(work: LongWork): boolean {
  return useSyncExternalStore(work.subscribe, () => {
    const note = work.note();
    return note !== undefined && note.done < note.total;
  });
}

/** How far signing or checking has come; nothing where it does not take long. Draws itself alone, and not the page around it. */
export function WorkBar({ work }: { readonly work: LongWork }): ReactElement | null {
  const note = useSyncExternalStore(work.subscribe, work.note);
  if (note === undefined) return null;
  const { done, total } = note;
  return (
    <div className={classes.work} data-testid="work">
      <p className={formClasses.note}>{texts[note.work](formatCount(done), formatCount(total))}</p>
      <Progress value={(100 * done) / Math.max(1, total)} aria-label={texts.names[note.work]} />
    </div>
  );
}
