import type { MinerInfo } from "@bitfleet/api/rest/mining.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { formatCount, formatHashRate } from "@bitfleet/ui/format.ts";
import { ArrowRightIcon } from "@bitfleet/ui/icons.tsx";
import { pacingText } from "@bitfleet/ui/miner-pacing.ts";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import classes from "./cards.module.css";
import { Missing } from "./mempool-card.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.miner;

/** What the miner of this node does, and how that went. It is led from the page of mining. */
export function MinerCard({ info }: { readonly info: MinerInfo | undefined }): ReactElement {
  return (
    <Card
      title={texts.title}
      aside={
        <Link to="/mining" className={classes.more ?? ""}>
          {texts.control} <ArrowRightIcon />
        </Link>
      }
    >
      <p className={classes.state} data-on={info !== undefined && info.pacing !== "off"} data-testid="miner-state">
        <i aria-hidden="true" />
        {info === undefined ? <Missing /> : info.pacing === "off" ? texts.off : texts.mines(pacingText(info))}
      </p>
      <dl className={classes.rows}>
        <div>
          <dt>
            <Explained term={texts.hashRate}>{texts.hashRateHelp}</Explained>
          </dt>
          <dd>
            {info === undefined ? (
              <Missing />
            ) : info.hashes_per_second === 0 ? (
              "–"
            ) : (
              formatHashRate(info.hashes_per_second)
            )}
          </dd>
        </div>
        <div>
          <dt>
            <Explained term={texts.found}>{texts.foundHelp}</Explained>
          </dt>
          <dd>{info === undefined ? <Missing /> : formatCount(info.found_blocks)}</dd>
        </div>
        <div>
          <dt>
            <Explained term={texts.stale}>{texts.staleHelp}</Explained>
          </dt>
          <dd>{info === undefined ? <Missing /> : formatCount(info.stale_blocks)}</dd>
        </div>
        <div>
          <dt>
            <Explained term={texts.miners}>{texts.minersHelp}</Explained>
          </dt>
          <dd>{info === undefined ? <Missing /> : formatCount(info.miners)}</dd>
        </div>
      </dl>
    </Card>
  );
}
