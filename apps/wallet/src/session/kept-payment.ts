/**
 * A payment was made and written down, and the network has not taken it yet: it is sent again by itself. Whoever is told of it must not make
 * it once more. The message is a sentence for people.
 */
export class KeptPayment extends Error {
  override readonly name = "KeptPayment";
  readonly txid: string;

  constructor(txid: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.txid = txid;
  }
}
