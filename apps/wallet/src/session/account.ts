import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { ProofStanding } from "@bitfleet/wallet/self-custody/confirmation-proofs.ts";
import type { FoundOfKind, Tally } from "@bitfleet/wallet/self-custody/sweep.ts";
import type { StepNote } from "@bitfleet/wallet/steps.ts";
import type { AddressChoice, WalletSummary } from "./records.ts";

/** Who waits for what may take seconds: payments of a thousand coins, and their PSBTs. Where the wallet is locked meanwhile, all of that rejects. */
export interface Watch {
  /** How far it has come, some hundred times. */
  readonly onStep?: ((note: StepNote) => void) | undefined;
  /** Ends it at once: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a message is signed. `bip322`: with any address. `legacy`: with those of the oldest kind (P2PKH). `bip137`: with segwit addresses of one key, P2WPKH by itself
 * or in P2SH, for those who verify nothing newer.
 */
export type MessageFormat = "bip322" | "bip137" | "legacy";

/**
 * The active account. A new object replaces it in the session's state whenever something in it changes, so that screens may remember
 * by it; reads are synchronous and answer what is known now, on line or off.
 */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly wallet: WalletSummary;
  /** Whether it can sign: a wallet that watches makes PSBTs for others to sign, and so does one that others have to sign for, too. */
  readonly signs: boolean;
  /** Of one that several share: whether some of its keys are of this device, and too few to sign alone. */
  readonly signsInPart: boolean;
  readonly balance: AccountBalance;
  /** Height up to which the chain is known to it; `undefined` before the first look. */
  readonly knownHeight: number | undefined;

  /** Newest first: what waits, then what is in blocks. */
  history(): readonly HistoryEntry[];
  transaction(txid: string): TransactionDetail | undefined;
  /** All that nobody spends, with those that may not be spent yet. */
  coins(): readonly CoinView[];
  /** A coin that is frozen is left out where coins are chosen. Remembered. */
  freezeCoin(outPoint: string, isFrozen: boolean): Promise<void>;

  /** Every address that was given out, the newest first, without those for change. */
  addresses(): readonly AddressView[];
  /** Those that change goes to, used or next to be, the newest first: they are for nobody else. */
  changeAddresses(): readonly AddressView[];
  /** The first one that nobody paid to and that is not labelled; the same until then. */
  freshAddress(type: AddressChoice): AddressView;
  /** Another one, though the last is not used. Refused where too many in a row would be unused (the gap limit). */
  nextAddress(type: AddressChoice): Promise<AddressView>;
  labelAddress(address: string, label: string): Promise<void>;
  labelTransaction(txid: string, label: string): Promise<void>;
  /** Whether an address is of this account. */
  isMine(address: string): boolean;
  /** Why an address cannot be paid here, in a sentence; `undefined` where it can. */
  addressProblem(address: string): string | undefined;

  /** Feerates now, from the network. Rejects offline. */
  feeChoices(): Promise<FeeChoices>;
  /** Chooses coins and sums up; signs nothing, sends nothing, keeps nothing back. */
  preparePayment(request: PaymentRequest): Promise<Prepared>;
  /** The same payment with a higher fee. */
  prepareBump(txid: string, feerateSatPerKvb: Sats): Promise<Prepared>;
  /** A payment to the account itself in its place, as long as it waits: what it was to pay comes back, less the fee. */
  prepareTakeBack(txid: string, feerateSatPerKvb: Sats): Promise<Prepared>;
  /** A child that pulls a transaction which pays this account into a block. */
  prepareChild(txid: string, feerateSatPerKvb: Sats): Promise<Prepared>;
  /**
   * Signs what was prepared and hands it to the network; answers the txid. Rejects with `KeptPayment` where it was made and the network has not taken it: it is
   * sent again. After any other rejection it was not made. `watch` may end it as long as it is being signed.
   */
  confirm(prepared: PreparedPayment, watch?: Watch): Promise<string>;
  /** Why a text is no private key that could be swept here, in a sentence that repeats nothing of it; `undefined` where it is one. */
  keyProblem(text: string): string | undefined;
  /** Looks up what a private key (WIF) has, which may be swept into the account, or says why that is nothing. `signal` ends it. */
  sweepKey(text: string, signal: AbortSignal): Promise<KeySweep | { readonly error: string }>;
  /** What was prepared as a PSBT (base64) for others to sign. */
  toPsbt(prepared: PreparedPayment, watch?: Watch): Promise<string>;
  /** Gives up a payment that is in no block and no mempool, so that its coins are free. */
  abandon(txid: string): Promise<void>;

  /** What a PSBT (base64, or binary of a file) does, seen from this account. */
  readPsbt(psbt: string | Uint8Array, watch?: Watch): Promise<PsbtSummary | { readonly error: string }>;
  signPsbt(psbt: string, watch?: Watch): Promise<PsbtSummary>;
  combinePsbts(psbts: readonly string[], watch?: Watch): Promise<PsbtSummary>;
  /** Sends one that is complete. */
  sendPsbt(psbt: string, watch?: Watch): Promise<string>;

  /** With an address of this account: "BIP322" for any, "legacy" for those of one key hash. Base64. */
  signMessage(address: string, message: string, format: MessageFormat): Promise<string>;
  /** Of anybody's address. */
  verifyMessage(
    address: string,
    message: string,
    signature: string,
  ): { readonly isValid: boolean; readonly why: string };

  /** The whole history as CSV (RFC 4180), with its labels. */
  historyCsv(): string;
  /** Its labels and which coins are frozen, for other wallets (BIP329). */
  labelsFile(): string;
  /** Takes what is of this account of such a file. Rejects with why it is none. */
  takeLabels(file: string): Promise<{ readonly taken: number; readonly passedOver: number }>;
  /** Its descriptors, public. With private keys: `Session.privateDescriptors`. */
  descriptors(): readonly string[];
}

export interface AccountBalance {
  /** Confirmed, or change of one's own payments. */
  readonly spendable: Sats;
  /** From others, in no block yet. */
  readonly pending: Sats;
  /** Mined less than 100 blocks ago. */
  readonly immature: Sats;
  readonly frozen: Sats;
  readonly total: Sats;
}

/**
 * `pending`: in the mempool. `confirmed`: in a block. `replaced`: another one that spends the same coins is in the mempool or a block.
 * `reorged`: was in a block which the chain has left, and is in no mempool. `unsent`: made here, and the network has not taken it yet, or has dropped it;
 * it is sent again. `doubted`: a server said that it is in a block, and what it showed of that cannot be so. `dropped`: of others, it was in the mempool and is in no block: it may have been replaced by a payment that is not the account's.
 * `abandoned`: given up.
 */
export type Standing =
  | "pending"
  | "confirmed"
  | "doubted"
  | "replaced"
  | "reorged"
  | "unsent"
  | "dropped"
  | "abandoned";

export interface HistoryEntry {
  readonly txid: string;
  readonly standing: Standing;
  /** Of one that is `unsent`: the server has taken it, and nobody has asked since where it is. */
  readonly isTaken: boolean;
  /** 0 where it is in no block. */
  readonly confirmations: number;
  readonly height: number | undefined;
  /** Seconds: of the block, else when it was first seen. */
  readonly time: number;
  /** By how much it changed the account. */
  readonly delta: Sats;
  /** Where the account paid it. */
  readonly fee: Sats | undefined;
  readonly direction: "in" | "out" | "self" | "mined";
  /** Whom it pays, or which of the account's addresses it pays to. */
  readonly addresses: readonly string[];
  /** Its own, else that of the address or contact. */
  readonly label: string;
  readonly replacedBy: string | undefined;
  readonly canBump: boolean;
  readonly canPullUp: boolean;
}

export interface TransactionDetail extends HistoryEntry {
  readonly virtualSize: number;
  readonly feerateSatPerKvb: Sats | undefined;
  readonly blockHash: string | undefined;
  /** What was found of its block; `undefined` where it is said to be in none. */
  readonly proof: ProofStanding | undefined;
  readonly inputs: readonly TransactionPart[];
  readonly outputs: readonly TransactionPart[];
  readonly hex: string;
  readonly replaces: string | undefined;
}

export interface TransactionPart {
  readonly address: string | undefined;
  /** Unknown for inputs of others. */
  readonly value: Sats | undefined;
  readonly owner: "mine" | "change" | "contact" | "other";
  /** Of contact or address. */
  readonly label: string;
}

export interface CoinView {
  /** "txid:index" */
  readonly outPoint: string;
  readonly address: string | undefined;
  readonly value: Sats;
  readonly label: string;
  readonly confirmations: number;
  readonly isFrozen: boolean;
  /** Why it cannot be spent now: "immature", "unconfirmed from others"; `undefined` where it can. */
  readonly obstacle: string | undefined;
}

export interface AddressView {
  readonly address: string;
  readonly type: "legacy" | "p2sh-segwit" | "bech32" | "bech32m";
  readonly index: number;
  readonly label: string;
  readonly isUsed: boolean;
  readonly received: Sats;
}

export interface FeeChoices {
  readonly slow: FeeChoice;
  readonly usual: FeeChoice;
  readonly fast: FeeChoice;
  /** Below this it is relayed by nobody. */
  readonly minimumSatPerKvb: Sats;
}

export interface FeeChoice {
  readonly feerateSatPerKvb: Sats;
  readonly blocks: number;
  /** About how long that takes on this network, where its latest blocks tell. */
  readonly seconds: number | undefined;
  /** Whether it was estimated, or is the least that is relayed since nothing can be estimated. */
  readonly isEstimate: boolean;
}

export interface PaymentRequest {
  readonly recipients: readonly {
    readonly address: string;
    /** "all": whatever is left of the coins, less the fee. */
    readonly amount: Sats | "all";
    readonly label: string;
  }[];
  readonly feerateSatPerKvb: Sats;
  /** Coin control: these and no others ("txid:index"). */
  readonly coins?: readonly string[] | undefined;
  /** Default: yes. */
  readonly isReplaceable?: boolean | undefined;
}

export type Prepared = PreparedPayment | { readonly error: string };

export interface PreparedPayment {
  readonly inputs: readonly TransactionPart[];
  readonly outputs: readonly (TransactionPart & { readonly isChange: boolean })[];
  readonly fee: Sats;
  readonly feerateSatPerKvb: Sats;
  readonly virtualSize: number;
  /** What leaves the account, with the fee. */
  readonly total: Sats;
  readonly change: Sats;
  /** The transaction that it takes the place of. */
  readonly replaces: string | undefined;
  /** Sentences to heed: a fee above a tenth of the amount, an address of one's own, an address paid to before … */
  readonly warnings: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Unsigned, in hex: what will be signed. */
  readonly unsigned: string;
}

/** A private key and what it has, on its way into the active account. The key is in memory until {@link end}, or until the wallet is locked. */
export interface KeySweep {
  /** By kind of address, those that were ever paid. */
  readonly found: readonly FoundOfKind[];
  /** All that can be swept now, to the account's fresh address of a kind. Signs nothing, sends nothing. */
  prepare(feerateSatPerKvb: Sats, type: AddressChoice): Promise<PreparedSweep | { readonly error: string }>;
  /**
   * Signs and sends; answers the txid. As `Account.confirm` it rejects with `KeptPayment` where it was made and the network has not taken it; but where
   * the network refuses it, it was not made, and can be prepared anew.
   */
  confirm(prepared: PreparedSweep, watch?: Watch): Promise<string>;
  /** Looks up once more what the key has, in place of this one, which ends where there is something. */
  lookAgain(signal: AbortSignal): Promise<KeySweep | { readonly error: string }>;
  /** Overwrites the key: nothing can be swept any more. */
  end(): void;
}

export interface PreparedSweep extends PreparedPayment {
  readonly type: AddressChoice;
  readonly arrives: Sats;
  /** What stays with the key, since spending it costs more than it is worth. */
  readonly dust: Tally;
  /** What stays there since one payment has no room for more. */
  readonly beyond: Tally;
}

export interface PsbtSummary {
  readonly psbt: string;
  readonly inputs: readonly (TransactionPart & { readonly isSigned: boolean; readonly canSign: boolean })[];
  readonly outputs: readonly TransactionPart[];
  readonly fee: Sats | undefined;
  readonly isComplete: boolean;
  /** Of what several sign for, as long as it is not complete. */
  readonly shared: SharedStanding | undefined;
  readonly warnings: readonly string[];
}

/** How far the signatures of several have come, over all inputs that they sign for. */
export interface SharedStanding {
  readonly required: number;
  readonly signed: number;
  readonly signers: readonly {
    /** "" where nobody gave one. */
    readonly name: string;
    /** The wallet of this device that has the key. */
    readonly owner: string | undefined;
    readonly fingerprint: string | undefined;
    readonly hasSigned: boolean;
  }[];
}
