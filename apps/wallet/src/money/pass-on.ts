import type { Account, PreparedPayment, Watch } from "../session/account.ts";
import { keepPsbt } from "./psbt-desk.ts";

/** Makes a PSBT of a payment that takes others' signatures, with those that this device has, for the page of PSBTs. */
export async function passOn(account: Account, payment: PreparedPayment, watch: Watch): Promise<void> {
  const psbt = await account.toPsbt(payment, watch);
  keepPsbt(account.id, account.signsInPart ? (await account.signPsbt(psbt, watch)).psbt : psbt);
}
