import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { Bytes } from "@bitfleet/ui/bytes.tsx";
import { formatCount, formatDateTime, formatDifficulty, formatShare, formatWeight } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { Link } from "@tanstack/react-router";
import type { CSSProperties, ReactElement } from "react";
import { HeaderField } from "./header-field.tsx";
import classes from "./header-fields.module.css";
import { MAX_BLOCK_WEIGHT } from "./limits.ts";

/** The header's six fields and what is known of the block around them, each with a short explanation. */
export function HeaderFields({ block }: { readonly block: BlockSummary }): ReactElement {
  return (
    <section className={classes.card} aria-label="Header">
      <dl className={classes.fields}>
        <HeaderField
          term="Previous block"
          help="The hash of the block before. It chains the blocks: whoever changes an old block changes its hash and breaks every block after it."
          isWide
        >
          {block.height === 0 ? (
            "none: this is the first block"
          ) : (
            <Hash
              value={block.previous_hash}
              label="hash of the previous block"
              isWhole
              link={(text) => (
                <Link to="/block/$id" params={{ id: block.previous_hash }}>
                  {text}
                </Link>
              )}
            />
          )}
        </HeaderField>
        <HeaderField
          term="Merkle root"
          help="One hash over all txids of the block, built as a tree. It commits the header to the transactions, and a few hashes prove that a transaction is among them."
          isWide
        >
          <Hash value={block.merkle_root} label="merkle root" isWhole />
        </HeaderField>
        <HeaderField
          term="Time"
          help="When the miner says the block was made. It must be later than the median of the eleven blocks before, and at most two hours ahead of the clock of whoever verifies it."
        >
          {formatDateTime(block.timestamp)}
        </HeaderField>
        <HeaderField
          term="Median time past"
          help="The median time of this block and the ten before it. Time locks are measured by it, since no single miner can move it far (BIP113)."
        >
          {formatDateTime(block.median_time)}
        </HeaderField>
        <HeaderField
          term="Bits"
          help="The target in compact form. The hash of the header, read as a number, must not be above the target."
        >
          <span className={classes.mono}>{block.bits}</span>
        </HeaderField>
        <HeaderField
          term="Difficulty"
          help="The target once more, as a multiple of the work the easiest block of the main network takes."
        >
          {formatDifficulty(block.difficulty)}
        </HeaderField>
        <HeaderField
          term="Nonce"
          help="The number the miner counts up until the hash of the header meets the target. Anyone can verify the search with a single hash."
        >
          {formatCount(block.nonce)}
        </HeaderField>
        <HeaderField
          term="Version"
          help="Which rules the miner signals to be ready for: each of 29 bits may stand for a soft fork (BIP9)."
        >
          <span className={classes.mono}>{`0x${(block.version >>> 0).toString(16).padStart(8, "0")}`}</span>
        </HeaderField>
        <SizeFields block={block} />
      </dl>
    </section>
  );
}

/** What is known only of a block whose transactions are here. */
function SizeFields({ block }: { readonly block: BlockSummary }): ReactElement {
  const { size_bytes: size, stripped_size_bytes: stripped, weight } = block;
  if (size === null || stripped === null || weight === null) {
    return (
      <HeaderField
        term="Size"
        help="This node keeps the newest blocks alone (-prune): of older ones it has the header, and checked the rest."
      >
        pruned
      </HeaderField>
    );
  }
  const share = weight / MAX_BLOCK_WEIGHT;
  return (
    <>
      <HeaderField term="Size" help="All bytes of the block, and how many are left without the witnesses.">
        <Bytes bytes={size} />
        <span className={classes.aside}>
          <Bytes bytes={stripped} /> stripped
        </span>
      </HeaderField>
      <HeaderField
        term="Weight"
        help="Bytes without witness count four, bytes of witness one (BIP141). A block holds at most 4,000,000."
      >
        {formatWeight(weight)}
        <span className={classes.aside}>{formatShare(share)} full</span>
        <span className={classes.gauge} style={{ "--share": share } as CSSProperties} aria-hidden="true" />
      </HeaderField>
    </>
  );
}
