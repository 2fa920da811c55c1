import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { formatPaymentUri } from "@bitfleet/wallet/uri/bip21.ts";

interface Asked {
  readonly address: string;
  readonly sats: Sats | undefined;
  /** "" for none. */
  readonly label: string;
}

/** A payment URI (BIP21) that asks for it; `forQrCode` in upper case where that may be, which takes a smaller code. */
export function requestUri({ address, sats, label }: Asked, forQrCode = false): string {
  const uri = { addresses: [address], others: [], ...(sats !== undefined && { sats }), ...(label !== "" && { label }) };
  return formatPaymentUri(uri, { forQrCode });
}
