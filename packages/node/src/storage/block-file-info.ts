/** Statistics of one blk/rev pair, kept in the block index database under `f`. */
export interface BlockFileInfo {
  readonly blockCount: number;
  /** Bytes used in the blk file, heads included. */
  readonly sizeBytes: number;
  /** Bytes used in the rev file, heads and checksums included. */
  readonly undoSizeBytes: number;
  readonly heightFirst: number;
  readonly heightLast: number;
  /** Seconds since 1970. */
  readonly timeFirst: number;
  readonly timeLast: number;
}

/** What is known of a pair that holds nothing: a new one, or one that was pruned. */
export const NO_BLOCKS: BlockFileInfo = {
  blockCount: 0,
  sizeBytes: 0,
  undoSizeBytes: 0,
  heightFirst: 0,
  heightLast: 0,
  timeFirst: 0,
  timeLast: 0,
};

/** The statistics with one more block, whose record ends at `end` of the blk file. */
export function withBlock(info: BlockFileInfo, end: number, height: number, timeSeconds: number): BlockFileInfo {
  const isFirst = info.blockCount === 0;
  return {
    blockCount: info.blockCount + 1,
    sizeBytes: Math.max(info.sizeBytes, end),
    undoSizeBytes: info.undoSizeBytes,
    heightFirst: isFirst ? height : Math.min(info.heightFirst, height),
    heightLast: Math.max(info.heightLast, height),
    timeFirst: isFirst ? timeSeconds : Math.min(info.timeFirst, timeSeconds),
    timeLast: Math.max(info.timeLast, timeSeconds),
  };
}
