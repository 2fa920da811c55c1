import type { FeeEstimate } from "@bitfleet/api/rest/fees.ts";
import { Field } from "@bitfleet/ui/field.tsx";
import { formatDuration, formatFeerate } from "@bitfleet/ui/format.ts";
import { useFeeEstimates } from "@bitfleet/ui/node-queries.ts";
import { OptionTiles } from "@bitfleet/ui/option-tiles.tsx";
import { readFeerate } from "@bitfleet/ui/payment/entries.ts";
import type { ReactElement } from "react";
import classes from "./fee-choice.module.css";
import { useBlockSeconds } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.fee;

/** What the reader wants; nothing while it was left to the page, which then takes the middle. */
export interface FeeWish {
  /** Blocks within which to be confirmed; or a feerate of one's own. */
  readonly target?: number | "own";
  readonly own?: string;
}

/** Estimates offered at most: soon, in a while, later. */
const OFFERED = [1, 3, 6, 144] as const;
const PLACE_COUNT = OFFERED.length;

type Offer = FeeEstimate & { readonly feerate_sat_per_kvb: number };

/** The estimates that are offered: those there are for the targets nearest to what people ask for. */
function useOffers(): readonly Offer[] | undefined {
  const { data } = useFeeEstimates();
  const known = data?.filter((one): one is Offer => one.feerate_sat_per_kvb !== null);
  if (known === undefined) return undefined;
  const nearest = OFFERED.map((wanted) => known.find(({ target }) => target >= wanted) ?? known.at(-1));
  const offers = [...new Set(nearest)].filter((one) => one !== undefined);
  // Nobody waits longer for the same price.
  return offers.filter((one, at) => one.feerate_sat_per_kvb !== offers[at - 1]?.feerate_sat_per_kvb);
}

const targetOf = (wish: FeeWish, offers: readonly Offer[]) =>
  wish.target ?? (offers[1] ?? offers[0])?.target ?? ("own" as const);

/** Satoshis a vbyte that the choice comes to, or why it comes to none. */
export function useFeerate(wish: FeeWish): { readonly feerate: number } | { readonly problem: string } {
  const offers = useOffers() ?? [];
  const target = targetOf(wish, offers);
  if (target === "own") {
    const read = readFeerate((wish.own ?? "").trim());
    return "problem" in read ? read : { feerate: read.satsPerKvb / 1000 };
  }
  const offer = offers.find((one) => one.target === target);
  return offer === undefined ? { problem: texts.none } : { feerate: offer.feerate_sat_per_kvb / 1000 };
}

interface FeeChoiceProps {
  readonly wish: FeeWish;
  readonly onWish: (wish: FeeWish) => void;
  readonly problem: string | undefined;
}

/** How soon a payment is to be confirmed, and what that costs; or a feerate of one's own. */
export function FeeChoice({ wish, onWish, problem }: FeeChoiceProps): ReactElement {
  const offers = useOffers();
  const blockSeconds = useBlockSeconds();
  const target = targetOf(wish, offers ?? []);
  const options = offers?.map((offer) => ({
    value: offer.target as number | "own",
    title: texts.within(offer.target),
    figure: `${formatFeerate(offer.feerate_sat_per_kvb / 1000)} sat/vB`,
    note:
      offer.source === "fallback"
        ? texts.fallback
        : blockSeconds !== undefined && texts.about(formatDuration(blockSeconds * offer.target)),
  }));
  const own = { value: "own" as const, title: texts.own, note: texts.ownHint };
  return (
    <OptionTiles
      label={texts.legend}
      options={options && [...options, own]}
      placeCount={PLACE_COUNT}
      value={target}
      onChoose={(chosen) => onWish({ ...wish, target: chosen })}
    >
      {target === "own" && offers !== undefined && (
        <Field
          label={texts.ownLabel}
          className={classes.own}
          inputMode="decimal"
          hint={offers.length === 0 ? texts.none : undefined}
          value={wish.own ?? ""}
          problem={problem}
          onChange={(event) => onWish({ ...wish, target: "own", own: event.target.value })}
        />
      )}
    </OptionTiles>
  );
}
