import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Transaction, TransactionFields, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { transactionReplaced } from "@bitfleet/wallet/ledger/own-rules.ts";
import { type TransactionNotes, transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { type SignedTransaction, signTransaction } from "@bitfleet/wallet/signing/signer.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { NodeWallet } from "./node-wallet.ts";
import type { NodeWallets } from "./node-wallets.ts";

/** Signing and sending with the keys of a wallet. */

/** The output that the wallet knows of a transaction of its own, which an input spends. */
export function knownOutput(
  wallet: NodeWallet,
  { txid, index }: { readonly txid: Txid; readonly index: number },
): TxOutput | undefined {
  const record = wallet.transaction(txid);
  return record && transactionOf(record).outputs[index];
}

/**
 * Signs what the wallet's keys can of a transaction. `spent`: the outputs that its inputs spend, `undefined` where one is not known. The
 * wallet must be unlocked.
 */
export function signWithWallet(
  wallet: NodeWallet,
  tx: TransactionFields,
  spent: readonly (TxOutput | undefined)[],
  hashType: number,
): SignedTransaction {
  const material = new SigningMaterial();
  for (const output of spent) {
    const own = output && wallet.keychain.materialFor(output.scriptPubKey, { includePrivate: true });
    if (own !== undefined) material.merge(own);
  }
  return signTransaction(tx, spent, hashType, material, wallet.deps.secp256k1);
}

/**
 * Takes a signed transaction into the wallet, so that nothing else spends its coins, and only then, when that is on disk, hands it to
 * mempool and peers. One that is not taken stays in the wallet, and is brought up again later: the log says why.
 */
export async function commitTransaction(
  wallet: NodeWallet,
  tx: Transaction,
  notes: TransactionNotes,
  wallets: NodeWallets,
): Promise<void> {
  const { relay, config, manager } = wallets;
  wallet.log.info(`CommitTransaction: ${displayHash(tx.txid)}`);
  wallet.database.transaction(() => {
    wallet.takeCreated(tx, notes);
    const { replaces } = notes;
    if (replaces !== undefined && !equalBytes(replaces, tx.txid)) {
      wallet.apply(transactionReplaced(wallet.ledger, replaces, tx.txid));
    }
  });
  try {
    await wallet.database.flush();
    if (config.broadcasts) await broadcast();
    // What the mempool made of it is part of the answer to whoever asks next.
    manager.get(wallet.name);
  } finally {
    wallet.settleCreated(tx.txid);
  }

  async function broadcast(): Promise<void> {
    const refusal = await relay.submit(tx, { feeMaxSats: config.fees.maxFeeSats, tellsPeers: true });
    if (refusal !== undefined) {
      wallet.log.info(`CommitTransaction(): Transaction cannot be broadcast immediately, ${refusal}`);
    }
  }
}
