import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { Psbt } from "@bitfleet/wallet/psbt/psbt.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { Steps } from "@bitfleet/wallet/steps.ts";
import type { Account, HistoryEntry, PsbtSummary, Watch } from "./account.ts";
import { addressProblem, addressViews, changeViews, coinViews, freshAddress, showNext } from "./account-addresses.ts";
import { type HistoryContext, historyEntries, transactionDetail } from "./account-history.ts";
import { type AccountKeeper, txidOf } from "./account-keeper.ts";
import { accountLabels, takeAccountLabels } from "./account-labels.ts";
import { checkedMessage, signedMessage } from "./account-messages.ts";
import type { AccountPayments } from "./account-payments.ts";
import {
  combinedPsbt,
  describedPsbt,
  feeOf,
  psbtSummary,
  readPsbtText,
  signedPsbt,
  transactionOfPsbt,
} from "./account-psbt.ts";
import { keyProblem } from "./account-sweep.ts";
import { feeChoicesOf } from "./fees.ts";
import { historyCsv } from "./history-csv.ts";
import type { CosignerSummary, WalletSummary } from "./records.ts";
import type { Contact } from "./session.ts";
import { signsAlone, signsInPart } from "./shared-summary.ts";
import { parseOutPoint } from "./stored.ts";
import { balanceOf } from "./totals.ts";

/** What the active account answers and does, besides what is in memory. */
export interface AccountDependencies {
  readonly keeper: AccountKeeper;
  readonly payments: AccountPayments;
  readonly wallet: WalletSummary;
  readonly contacts: readonly Contact[];
  readonly chain: string;
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Rejects where the wallet has none. */
  readonly secrets: () => Promise<SigningMaterial>;
  /** The same, but empty where the wallet has none. */
  readonly ownSecrets: () => Promise<SigningMaterial>;
  /** Adds those of all phrases of this device that a PSBT names. */
  readonly addNamedSecrets: (psbt: Psbt, found: SigningMaterial, watch: Watch | undefined) => Promise<void>;
  /** Does what takes long, in turns with the page. */
  readonly lead: <Result>(steps: Steps<Result>, watch: Watch | undefined) => Promise<Result>;
  readonly sweepKey: Account["sweepKey"];
  /** Of the master keys of this device, in hex. */
  readonly fingerprints: ReadonlySet<string>;
  /** Of the shared wallets of this network, the account's own first. */
  readonly cosigners: readonly CosignerSummary[];
  /** Something was changed that screens show. */
  readonly onChanged: () => void;
}

/** The account as it is at this moment: a new one is made whenever something in it changes. */
export function accountView(deps: AccountDependencies): Account {
  const { keeper, payments, wallet, contacts, chain, lead } = deps;
  const { custody, stored } = keeper;
  const context: HistoryContext = { keeper, contacts };
  const once = <Value>(make: () => Value) => {
    let made: { readonly value: Value } | undefined;
    return () => {
      made ??= { value: make() };
      return made.value;
    };
  };
  const history = once<readonly HistoryEntry[]>(() => historyEntries(context));
  const coins = once(() => coinViews(keeper));
  const addresses = once(() => addressViews(keeper));
  const changeAddresses = once(() => changeViews(keeper));
  const read = (text: string | Uint8Array, watch?: Watch): Promise<Psbt> => lead(readPsbtText(text, context), watch);
  const summary = (psbt: Psbt, watch?: Watch): Promise<PsbtSummary> =>
    lead(psbtSummary(psbt, deps.fingerprints, deps.cosigners, context), watch);

  /** Writes what was changed in memory, and tells. */
  const changed = async <Result>(change: () => Result): Promise<Result> => {
    const result = await deps.exclusively(async () => {
      const answer = change();
      await keeper.write();
      return answer;
    });
    deps.onChanged();
    return result;
  };

  return {
    id: stored.id,
    name: stored.name,
    wallet,
    signs: custody.signs || signsAlone(wallet.shared),
    signsInPart: signsInPart(wallet.shared),
    balance: balanceOf(custody),
    knownHeight: custody.ledger.bestBlock()?.height,

    history,
    transaction: (text) => {
      const txid = txidOf(text);
      return txid && transactionDetail(txid, context);
    },
    coins,
    freezeCoin: async (text, isFrozen) => {
      const outPoint = parseOutPoint(text);
      if (outPoint === undefined || custody.ledger.coin(outPoint) === undefined)
        throw new Error("There is no such coin.");
      await changed(() => custody.freeze(outPoint, isFrozen));
    },

    addresses,
    changeAddresses,
    freshAddress: (type) => freshAddress(keeper, type),
    nextAddress: async (type) => {
      const shown = await changed(() => showNext(keeper, type));
      if ("error" in shown) throw new Error(shown.error);
      return shown;
    },
    labelAddress: async (address, label) => {
      await deps.exclusively(() => keeper.label("address", address, label));
      deps.onChanged();
    },
    labelTransaction: async (txid, label) => {
      await deps.exclusively(() => keeper.label("transaction", txid, label));
      deps.onChanged();
    },
    labelsFile: () => accountLabels(keeper),
    takeLabels: async (file) => {
      const counts = await deps.exclusively(() => takeAccountLabels(file, keeper));
      deps.onChanged();
      return counts;
    },
    isMine: (address) => {
      const decoded = decodeAddress(address.trim(), custody.context.prefixes);
      return !("error" in decoded) && custody.keychain.ownerOf(decoded.script) !== undefined;
    },
    addressProblem: (address) => addressProblem(address, custody, chain),

    feeChoices: async () => feeChoicesOf(await payments.fees()),
    preparePayment: (request) => payments.prepare(request),
    prepareBump: async (text, feerateSatPerKvb) => {
      const txid = txidOf(text);
      return txid === undefined ? NO_TRANSACTION : payments.prepareBump(txid, feerateSatPerKvb);
    },
    prepareTakeBack: async (text, feerateSatPerKvb) => {
      const txid = txidOf(text);
      return txid === undefined ? NO_TRANSACTION : payments.prepareTakeBack(txid, feerateSatPerKvb);
    },
    prepareChild: async (text, feerateSatPerKvb) => {
      const txid = txidOf(text);
      return txid === undefined ? NO_TRANSACTION : payments.prepareChild(txid, feerateSatPerKvb);
    },
    confirm: (prepared, watch) => payments.confirm(prepared, watch),
    keyProblem: (text) => keyProblem(text, custody),
    sweepKey: (text, signal) => deps.sweepKey(text, signal),
    toPsbt: (prepared, watch) => payments.toPsbt(prepared, watch),
    abandon: async (text) => {
      const txid = txidOf(text);
      const refusal = await changed(() => {
        keeper.version++;
        return txid === undefined ? NO_TRANSACTION.error : custody.abandon(txid);
      });
      if (refusal !== undefined)
        throw new Error("This payment waits in the network or is confirmed: it cannot be given up any more.");
    },

    readPsbt: async (text, watch) => {
      try {
        return await summary(await read(text, watch), watch);
      } catch (error) {
        return { error: (error as Error).message };
      }
    },
    signPsbt: async (text, watch) => {
      const psbt = await read(text, watch);
      const named = new SigningMaterial();
      const signed = await wiped(named, async () => {
        await deps.addNamedSecrets(psbt, named, watch);
        const account = await deps.ownSecrets();
        return wiped(account, () => lead(signedPsbt(psbt, { account, named }, context), watch));
      });
      return summary(signed, watch);
    },
    combinePsbts: async (texts, watch) => {
      const psbts: Psbt[] = [];
      for (const text of texts) psbts.push(await read(text, watch));
      return summary(combinedPsbt(psbts), watch);
    },
    sendPsbt: async (text, watch) => {
      const psbt = await lead(describedPsbt(await read(text, watch), context), watch);
      const transaction: Transaction = await lead(transactionOfPsbt(psbt, context), watch);
      return payments.commitSigned(transaction, feeOf(psbt));
    },

    signMessage: async (address, message, format) => {
      if (signsInPart(wallet.shared)) throw new Error(SEVERAL_SIGN);
      const secrets = await deps.secrets();
      return wiped(secrets, async () => signedMessage({ address, message, format }, custody, secrets));
    },
    verifyMessage: (address, message, signature) => checkedMessage(address, message, signature, custody),

    historyCsv: () => historyCsv(history()),
    descriptors: () => custody.descriptors.map(({ text }) => text),
  };
}

/** Does what takes keys, which are overwritten behind it, however it ends. */
async function wiped<Result>(secrets: SigningMaterial, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    secrets.wipe();
  }
}

const SEVERAL_SIGN =
  "For this address several keys sign, of which some are not on this device: messages of theirs are signed where enough of them are.";

const NO_TRANSACTION = { error: "This account has no transaction of that name." };
