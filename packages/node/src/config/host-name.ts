import { isValid } from "@bitfleet/protocol/wire/address-class.ts";
import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";

/** RFC 1035. */
const NAME_SIZE_MAX = 253;
const LABEL = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

/** Whether `host` is an address of somebody, or could be the name of one; a name only where names are resolved. Nobody is asked. */
export function canBeHost(host: string, resolvesNames: boolean): boolean {
  const address = parseAddress(host);
  if (address !== undefined) return isValid(address);
  const name = host.replace(/\.$/, "");
  return resolvesNames && name.length <= NAME_SIZE_MAX && name.split(".").every(isLabel) && !isWrongNumber(name);
}

const isLabel = (label: string) => LABEL.test(label);

/** No name ends in a number; of addresses in the old short forms (`127.1`) each byte fits, and the last number what is left. */
function isWrongNumber(name: string): boolean {
  const parts = name.split(".");
  const last = parts.pop()!;
  if (!/^\d+$/.test(last)) return false;
  const bytesLeft = 4 - parts.length;
  const areBytes = parts.every((part) => /^\d+$/.test(part) && Number(part) <= 0xff);
  return !areBytes || bytesLeft < 1 || Number(last) >= 256 ** bytesLeft;
}
