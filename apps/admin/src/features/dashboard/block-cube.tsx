import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { formatBytes, formatCount, formatShare } from "@bitfleet/ui/format.ts";
import { Link } from "@tanstack/react-router";
import type { CSSProperties, ReactElement } from "react";
import classes from "./chain-strip.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.strip;

/** BIP141. Stated here too, since the page does not load the consensus rules for one number. */
export const MAX_BLOCK_WEIGHT = 4_000_000;

/** A block of the chain, filled as far as its weight goes; leads to its page. */
export function BlockCube({ block, isTip }: { readonly block: BlockSummary; readonly isTip: boolean }): ReactElement {
  // The newest blocks are never pruned.
  const share = (block.weight ?? 0) / MAX_BLOCK_WEIGHT;
  return (
    <Link
      to="/block/$id"
      params={{ id: block.hash }}
      className={classes.cube ?? ""}
      data-tip={isTip}
      data-height={block.height}
    >
      <span className={classes.fill} style={{ "--share": Math.min(1, share) } as CSSProperties} />
      <span className={classes.height}>
        <span className={classes.hidden}>{texts.block}</span>
        {formatCount(block.height)}
      </span>
      <span className={classes.count}>
        {texts.transactions(block.transaction_count, formatCount(block.transaction_count))}
      </span>
      <span className={classes.size}>
        {formatBytes(block.size_bytes ?? 0)} · {formatShare(share)}
      </span>
      <span className={classes.age}>
        <Age unixSeconds={block.timestamp} />
      </span>
    </Link>
  );
}
