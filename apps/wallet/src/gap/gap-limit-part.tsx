import formClasses from "@bitfleet/ui/form.module.css";
import { type ReactElement, useState } from "react";
import { GapLimitField } from "./gap-limit-field.tsx";
import { readGapLimit } from "./read-gap-limit.ts";
import { gapTexts } from "./texts.ts";

/** What is offered first to who wants more than usual: five times as many. */
const ENTRY_FIRST = "100";

export interface GapLimitWish {
  readonly hasGaps: boolean;
  readonly entry: string;
  readonly problem: string | undefined;
  change(change: { readonly hasGaps?: boolean; readonly entry?: string }): void;
  /** Of a form that is sent: the limit, absent for the usual one; or `undefined` where the entry is none, which is said then. */
  read(): { readonly gapLimit?: number } | undefined;
}

export function useGapLimitWish(): GapLimitWish {
  const [wish, setWish] = useState<Pick<GapLimitWish, "hasGaps" | "entry"> & { readonly problem?: string }>({
    hasGaps: false,
    entry: ENTRY_FIRST,
  });
  return {
    hasGaps: wish.hasGaps,
    entry: wish.entry,
    problem: wish.problem,
    change: ({ hasGaps = wish.hasGaps, entry = wish.entry }) => setWish({ hasGaps, entry }),
    read: () => {
      if (!wish.hasGaps) return {};
      const read = readGapLimit(wish.entry);
      if ("gapLimit" in read) return read;
      setWish({ ...wish, problem: read.problem });
      return undefined;
    },
  };
}

/** The part of a form that adds a wallet which may have been used before. */
export function GapLimitPart({ wish }: { readonly wish: GapLimitWish }): ReactElement {
  return (
    <>
      <label className={formClasses.check}>
        <input
          type="checkbox"
          checked={wish.hasGaps}
          onChange={(event) => wish.change({ hasGaps: event.target.checked })}
        />
        {gapTexts.hasGaps}
      </label>
      {wish.hasGaps && (
        <GapLimitField entry={wish.entry} onChange={(entry) => wish.change({ entry })} problem={wish.problem} />
      )}
    </>
  );
}
