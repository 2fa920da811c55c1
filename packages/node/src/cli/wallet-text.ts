import { NETWORK_WALLET } from "../network/network-wallet.ts";
import type { Payee } from "../network/payee.ts";

/** What `bitfleet up` says of the network's wallet. `place`: whose it is, where the network has several nodes. */
export function walletText({ walletProblem, miningAddress, miningKey }: Payee, place = ""): string {
  if (walletProblem === undefined) return `${NETWORK_WALLET}${place}  (has what is mined; see /api/wallet)`;
  return `none: ${walletProblem}; ${miningKey?.file ?? miningAddress} has what is mined`;
}
