import type { FeeEstimate } from "@bitfleet/api/rest/fees.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { formatFeerate, formatMeanDuration } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import classes from "./cards.module.css";
import { Missing } from "./mempool-card.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.fees;

/** Of all that the node estimates: soon, later, whenever. */
const SHOWN_TARGETS = [2, 3, 6, 12, 144];

interface FeeCardProps {
  readonly estimates: readonly FeeEstimate[] | undefined;
  /** Mean seconds between blocks, where it is known: targets are told as times too. */
  readonly blockSeconds: number | undefined;
}

/** What to pay, by how soon. */
export function FeeCard({ estimates, blockSeconds }: FeeCardProps): ReactElement {
  const shown = SHOWN_TARGETS.map((target) => estimates?.find((one) => one.target === target));
  const sources = new Set(shown.map((one) => one?.source));
  return (
    <Card title={texts.title} aside={<Help />}>
      <dl className={classes.rows}>
        {SHOWN_TARGETS.map((target, index) => (
          <div key={target}>
            <dt>
              {texts.within(target)}
              {blockSeconds !== undefined && blockSeconds > 0 && shown[index]?.feerate_sat_per_kvb != null && (
                <span className={classes.aside}> · {texts.about(formatMeanDuration(target * blockSeconds))}</span>
              )}
            </dt>
            <dd data-testid="fee-estimate">
              {estimates === undefined ? <Missing /> : <Rate satPerKvb={shown[index]?.feerate_sat_per_kvb ?? null} />}
            </dd>
          </div>
        ))}
      </dl>
      <p className={classes.note}>
        {sources.has("none") ? texts.tooFew : sources.has("fallback") ? texts.fallback : ""}
      </p>
    </Card>
  );
}

function Rate({ satPerKvb }: { readonly satPerKvb: number | null }): ReactElement {
  if (satPerKvb === null) return <span className={classes.aside}>{texts.unknown}</span>;
  return (
    <>
      {formatFeerate(satPerKvb / 1000)}
      <span className={classes.hidden}> sat/vB</span>
    </>
  );
}

function Help(): ReactElement {
  return (
    <span className={classes.aside}>
      <Explained term="sat/vB">{texts.help}</Explained>
    </span>
  );
}
