/**
 * What the nodes of a private network advise to pay until they have seen enough to estimate: ten times the least that is
 * relayed, so that a young network has an answer. It is marked wherever it is given, and never answers `estimatesmartfee`.
 */
export const FALLBACK_FEE_ARGUMENT = "-fallbackfee=0.00001";
