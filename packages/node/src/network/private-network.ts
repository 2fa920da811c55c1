/** What every node of a private network is told, beside what the network's plan says of it. */

/**
 * What they advise to pay until they have seen enough to estimate: ten times the least that is relayed, so that a young network
 * has an answer. It is marked wherever it is given, and never answers `estimatesmartfee`.
 */
const FALLBACK_FEE = "-fallbackfee=0.00001";

/** Both sides of a partition that mine to one address in the same second are to come apart. */
const UNIQUE_BLOCKS = "-uniqueblocks";

/** Miners have no page, by which a node takes its network for its owner's own: what one of them passes on would come to the next nodes in Core's rounds. */
const OWN_NETWORK = "-ownnetwork";

export const PRIVATE_NETWORK_ARGUMENTS: readonly string[] = [FALLBACK_FEE, UNIQUE_BLOCKS, OWN_NETWORK];
