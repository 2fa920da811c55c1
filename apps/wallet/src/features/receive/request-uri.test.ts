import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { parsePaymentUri } from "@bitfleet/wallet/uri/bip21.ts";
import { expect, test } from "vitest";
import { requestUri } from "./request-uri.ts";

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const prefixes = regtestNetwork().addressPrefixes;

test("a request without amount and label is the bare address", () => {
  expect(requestUri({ address: ADDRESS, sats: undefined, label: "" })).toBe(`bitcoin:${ADDRESS}`);
});

test.each([false, true])("what is asked for is read back from the link (for a QR code: %s)", (forQrCode) => {
  const link = requestUri({ address: ADDRESS, sats: 12_345n, label: "Tea & cake, 50 % off" }, forQrCode);
  const read = parsePaymentUri(link, { prefixes });
  expect(read).toMatchObject({ uri: { sats: 12_345n, label: "Tea & cake, 50 % off" } });
  expect("uri" in read && read.uri.addresses[0]?.toLowerCase()).toBe(ADDRESS);
});
