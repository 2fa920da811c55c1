import type { MinerInfo } from "@bitfleet/api/rest/mining.ts";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { formatCount, formatHashRate, formatMeanDuration } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import { MinerControls } from "./miner-controls.tsx";
import classes from "./miner-panel.module.css";

/** What the miner of this node does, and how that went. */
export function MinerPanel({ info }: { readonly info: MinerInfo }): ReactElement {
  return (
    <section className={classes.panel} aria-label="Miner">
      <dl className={classes.figures}>
        <div>
          <dt>
            <Explained term="Miner">
              When this node makes blocks by itself. Change it below, or in a terminal: bitfleet miner interval 30
            </Explained>
          </dt>
          <dd>{pacingText(info)}</dd>
        </div>
        <div>
          <dt>
            <Explained term="Hash rate">
              Hashes per second while this node looks for a block. On regtest a block takes two hashes, and the rate
              says little.
            </Explained>
          </dt>
          <dd>{info.hashes_per_second === 0 ? "–" : formatHashRate(info.hashes_per_second)}</dd>
        </div>
        <div>
          <dt>
            <Explained term="Blocks found">Blocks that this miner has found since the node started.</Explained>
          </dt>
          <dd>{formatCount(info.found_blocks)}</dd>
        </div>
        <div>
          <dt>
            <Explained term="Stale">
              Blocks it found that are not part of the chain: another miner's block took their place.
            </Explained>
          </dt>
          <dd>{formatCount(info.stale_blocks)}</dd>
        </div>
      </dl>
      <MinerControls info={info} />
    </section>
  );
}

function pacingText({ pacing, interval_seconds: seconds, miners }: MinerInfo): string {
  switch (pacing) {
    case "interval":
      return `every ${formatMeanDuration(seconds)}${miners > 1 ? `, with ${miners - 1} more` : ""}`;
    case "on-transaction":
      return "when transactions come";
    case "continuous":
      return "all the time";
    case "off":
      return "off";
  }
}
