import { Field } from "@bitfleet/ui/field.tsx";
import { formatDuration, formatFeerate } from "@bitfleet/ui/format.ts";
import { OptionTiles } from "@bitfleet/ui/option-tiles.tsx";
import type { ReactElement } from "react";
import type { FeeChoice as Choice } from "../session/account.ts";
import { FEE_SPEEDS, type FeeSpeed, type FeeWish, speedOf } from "./fee-wish.ts";
import classes from "./money.module.css";
import { moneyTexts } from "./texts.ts";
import type { AskedFees } from "./use-fee-choices.ts";

const texts = moneyTexts.fee;

interface FeeChoiceProps {
  readonly asked: AskedFees;
  readonly wish: FeeWish;
  readonly onWish: (wish: FeeWish) => void;
  /** What is wrong with what was entered, where that is to be said. */
  readonly problem: string | undefined;
}

/** How soon a payment is to be confirmed and what that costs; or a feerate of one's own. */
export function FeeChoice({ asked, wish, onWish, problem }: FeeChoiceProps): ReactElement {
  const { choices } = asked;
  const speed = speedOf(wish, asked);
  const own = { value: "own" as FeeSpeed | "own", title: texts.own, note: texts.ownHint };
  const offered =
    choices &&
    FEE_SPEEDS.map((one) => ({
      value: one as FeeSpeed | "own",
      title: texts[one],
      figure: `${formatFeerate(Number(choices[one].feerateSatPerKvb) / 1000)} sat/vB`,
      note: noteOf(choices[one]),
    }));
  const isSettled = choices !== undefined || asked.problem !== undefined;
  return (
    <OptionTiles
      label={texts.legend}
      options={isSettled ? [...(offered ?? []), own] : undefined}
      placeCount={FEE_SPEEDS.length + 1}
      value={speed}
      onChoose={(chosen) => onWish({ ...wish, speed: chosen })}
    >
      {isSettled && speed === "own" && (
        <Field
          label={texts.ownLabel}
          className={classes.own}
          inputMode="decimal"
          hint={choices === undefined && asked.problem !== undefined ? texts.failed(asked.problem) : undefined}
          value={wish.own ?? ""}
          problem={problem}
          onChange={(event) => onWish({ speed: "own", own: event.target.value })}
        />
      )}
    </OptionTiles>
  );
}

function noteOf({ isEstimate, blocks, seconds }: Choice): string {
  if (!isEstimate) return texts.noEstimate;
  return seconds === undefined ? texts.blocks(blocks) : texts.about(texts.blocks(blocks), formatDuration(seconds));
}
