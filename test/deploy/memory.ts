/** What a transaction takes of the process for each byte that the mempool counts, at most: bench/README.md, "Memory of the mempool". */
const TAKEN_PER_COUNTED = 490 / 300;
/** A node with empty caches. */
const REST_BYTES = 64 * 2 ** 20;
/** V8 gives its heap half of what a container may have. A node that needs more of it ends, whatever is left of the other half. */
const PART_OF_HEAP = 0.5;

interface Sizes {
  readonly chain: { readonly cacheBytes: number };
  readonly mempool: { readonly usageBytesMax: number };
}

/** Whether a full cache of coins and a full mempool have room in a container with this limit. */
export function memoryProblem({ chain, mempool }: Sizes, limitBytes: number): string[] {
  const needed = chain.cacheBytes + mempool.usageBytesMax * TAKEN_PER_COUNTED + REST_BYTES;
  return needed <= limitBytes * PART_OF_HEAP
    ? []
    : [
        `${megabytes(needed)} MB may be needed, and V8 has ${megabytes(limitBytes * PART_OF_HEAP)}: lower -dbcache and -maxmempool.`,
      ];
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6);
