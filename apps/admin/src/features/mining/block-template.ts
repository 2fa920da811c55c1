/** What `getblocktemplate` (BIP22, BIP145) answers, as far as it is shown. */
export interface BlockTemplate {
  readonly height: number;
  readonly version: number;
  readonly bits: string;
  /** Seconds since 1970. */
  readonly mintime: number;
  /** Subsidy and fees, in satoshis. */
  readonly coinbasevalue: number;
  readonly weightlimit: number;
  readonly sigoplimit: number;
  readonly transactions: readonly TemplateTransaction[];
}

export interface TemplateTransaction {
  readonly txid: string;
  /** In satoshis. */
  readonly fee: number;
  readonly weight: number;
  readonly sigops: number;
  /** Numbers in the block, from 1, of those it spends. */
  readonly depends: readonly number[];
}

export const TEMPLATE_REQUEST = { method: "getblocktemplate", params: [{ rules: ["segwit"] }] };

/** A transaction with its number in the block: the coinbase is 0. */
export interface TemplateRow extends TemplateTransaction {
  readonly place: number;
  /** Satoshis for a virtual byte, by its weight alone. */
  readonly satPerVbyte: number;
}

/** The rows of the block's table, in its order. */
export function templateRows({ transactions }: BlockTemplate): readonly TemplateRow[] {
  return transactions.map((transaction, index) => ({
    ...transaction,
    place: index + 1,
    satPerVbyte: (transaction.fee * 4) / transaction.weight,
  }));
}

/** What the transactions of a block come to, the coinbase left out. */
export function templateTotals({ transactions }: BlockTemplate): {
  readonly fees: number;
  readonly weight: number;
  readonly sigops: number;
} {
  const totals = { fees: 0, weight: 0, sigops: 0 };
  for (const { fee, weight, sigops } of transactions) {
    totals.fees += fee;
    totals.weight += weight;
    totals.sigops += sigops;
  }
  return totals;
}
