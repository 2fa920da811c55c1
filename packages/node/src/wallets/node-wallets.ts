import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { AddressType } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import type { Random } from "../ports.ts";
import type { NodeWallet } from "./node-wallet.ts";
import type { TransactionRelay } from "./transaction-relay.ts";
import type { WalletManager } from "./wallet-manager.ts";
import type { WalletResend } from "./wallet-resend.ts";

/** How the node's wallets pay, as the configuration has it. Feerates are satoshis a thousand vbytes. */
export interface PaymentPolicy {
  readonly addressType: AddressType;
  /** `undefined` where it follows from the transaction. */
  readonly changeType: AddressType | undefined;
  readonly confirmTarget: number;
  readonly fees: {
    readonly minFeerateSatPerKvb: Sats;
    /** 0 for none. */
    readonly fallbackFeerateSatPerKvb: Sats;
    readonly discardFeerateSatPerKvb: Sats;
    readonly consolidateFeerateSatPerKvb: Sats;
    readonly maxFeeSats: Sats;
    /** -1 where spending by address is never tried. */
    readonly partialSpendFeeMaxSats: Sats;
  };
  readonly avoidsPartialSpends: boolean;
  readonly spendsUnconfirmedChange: boolean;
  readonly signalsReplaceability: boolean;
  readonly rejectsLongChains: boolean;
  /** Unconfirmed ancestors and transactions of a cluster, the coin's own counted, from which on its coin is not spent if that can be helped. */
  readonly ancestorCountMax: number;
  readonly descendantCountMax: number;
  readonly broadcasts: boolean;
  /** What each wallet that is loaded warns of. */
  readonly loadWarnings: readonly string[];
}

/** The node's wallets, with what it takes to pay from them. */
export interface NodeWallets {
  readonly manager: WalletManager;
  readonly relay: TransactionRelay;
  readonly resend: WalletResend;
  readonly config: PaymentPolicy;
  /** The node's own (`-walletfile`), as it was at the start: the page and API use it where none is named. */
  readonly own?: NodeWallet | undefined;
  readonly random: Random;
}
