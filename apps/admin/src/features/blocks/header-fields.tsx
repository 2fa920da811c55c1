import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { Bytes } from "@bitfleet/ui/bytes.tsx";
import { formatCount, formatDateTime, formatDifficulty, formatShare, formatWeight } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { Link } from "@tanstack/react-router";
import type { CSSProperties, ReactElement } from "react";
import { HeaderField } from "./header-field.tsx";
import classes from "./header-fields.module.css";
import { MAX_BLOCK_WEIGHT } from "./limits.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.header;

/** The header's six fields and what is known of the block around them, each with a short explanation. */
export function HeaderFields({ block }: { readonly block: BlockSummary }): ReactElement {
  return (
    <section className={classes.card} aria-label={texts.label}>
      <dl className={classes.fields}>
        <HeaderField term={texts.previous.term} help={texts.previous.help} isWide>
          {block.height === 0 ? (
            texts.previous.none
          ) : (
            <Hash
              value={block.previous_hash}
              label={texts.previous.hash}
              isWhole
              link={(text) => (
                <Link to="/block/$id" params={{ id: block.previous_hash }}>
                  {text}
                </Link>
              )}
            />
          )}
        </HeaderField>
        <HeaderField term={texts.merkleRoot.term} help={texts.merkleRoot.help} isWide>
          <Hash value={block.merkle_root} label={texts.merkleRoot.hash} isWhole />
        </HeaderField>
        <HeaderField term={texts.time.term} help={texts.time.help}>
          {formatDateTime(block.timestamp)}
        </HeaderField>
        <HeaderField term={texts.medianTime.term} help={texts.medianTime.help}>
          {formatDateTime(block.median_time)}
        </HeaderField>
        <HeaderField term={texts.bits.term} help={texts.bits.help}>
          <span className={classes.mono}>{block.bits}</span>
        </HeaderField>
        <HeaderField term={texts.difficulty.term} help={texts.difficulty.help}>
          {formatDifficulty(block.difficulty)}
        </HeaderField>
        <HeaderField term={texts.nonce.term} help={texts.nonce.help}>
          {formatCount(block.nonce)}
        </HeaderField>
        <HeaderField term={texts.version.term} help={texts.version.help}>
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
      <HeaderField term={texts.pruned.term} help={texts.pruned.help}>
        {texts.pruned.value}
      </HeaderField>
    );
  }
  const share = weight / MAX_BLOCK_WEIGHT;
  return (
    <>
      <HeaderField term={texts.size.term} help={texts.size.help}>
        <Bytes bytes={size} />
        <span className={classes.aside}>
          <Bytes bytes={stripped} /> {texts.size.stripped}
        </span>
      </HeaderField>
      <HeaderField term={texts.weight.term} help={texts.weight.help}>
        {formatWeight(weight)}
        <span className={classes.aside}>{texts.weight.full(formatShare(share))}</span>
        <span className={classes.gauge} style={{ "--share": share } as CSSProperties} aria-hidden="true" />
      </HeaderField>
    </>
  );
}
