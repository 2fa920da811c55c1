import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { KeptPayment } from "../session/kept-payment.ts";
import { moneyTexts } from "./texts.ts";

/**
 * The txid of a payment that is being made, when its reader was told of it: that it is sent (`done` says so), or that it is kept until the network takes it.
 * Either way the form that it came from is to be left: it would be paid twice. Rejects where none was made.
 */
export async function toldPayment(making: Promise<string>, done: string): Promise<string> {
  try {
    const txid = await making;
    toast.good(done);
    return txid;
  } catch (error) {
    if (!(error instanceof KeptPayment)) throw error;
    toast.bad(moneyTexts.preview.kept, { text: error.message });
    return error.txid;
  }
}
