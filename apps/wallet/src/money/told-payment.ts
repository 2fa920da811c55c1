import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { KeptPayment } from "../session/kept-payment.ts";
import { WorkStopped } from "./long-work.ts";
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

/** Why something that its reader may stop was not done: as a failure, unless it was stopped. */
export function tellEnd(failed: string, error: unknown): void {
  if (error instanceof WorkStopped) toast.plain(moneyTexts.work.stoppedTitle, { text: error.message });
  else toast.failure(failed, error);
}
