import { COIN, MAX_MONEY } from "@bitfleet/protocol/consensus/amount.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { type AddressPrefixes, decodeAddress } from "@bitfleet/protocol/script/address.ts";

/** Payment URIs: BIP321, and BIP21 that came before it. */

/** Characters of a URI; invoices and offers of other payment networks take most of them. */
export const URI_LENGTH_MAX = 8_192;
const PARAMETERS_MAX = 100;

/** What a URI asks to be paid, and how. */
export interface PaymentUri {
  /** Addresses of this network that it may be paid to, that of the body first. */
  readonly addresses: readonly string[];
  readonly sats?: Sats;
  /** Name of who is paid. */
  readonly label?: string;
  /** What the payment is for. */
  readonly message?: string;
  /** Where to tell of the payment: what opens it appends to this. Never one that a browser opens. */
  readonly pop?: string;
  /** All else, in order and decoded: other ways to pay (`lightning`, `sp`), and what we do not know. Keys in lower case. */
  readonly others: readonly (readonly [key: string, value: string])[];
}

export interface PaymentUriContext {
  readonly prefixes: AddressPrefixes;
  /** Whether the caller opens {@link PaymentUri.pop}. A URI that requires it (`req-pop`) is refused otherwise. */
  readonly opensPop?: boolean;
}

/** BIP321: other ways to pay, by which a URI may do without an address. */
const OTHER_WAYS: ReadonlySet<string> = new Set(["lightning", "lno", "pay", "sp"]);
/** BIP173 and BIP321: keys whose values are segwit addresses of a network, each with the key as its prefix. */
const SEGWIT_KEYS: ReadonlySet<string> = new Set(["bc", "tb", "bcrt"]);
/** BIP321: keys that may stand there once. */
const SINGLE_KEYS: ReadonlySet<string> = new Set(["amount", "label", "message", "pop"]);
/** BIP321: what these open would tell a server of the internet who pays. */
const BROWSER_SCHEMES: ReadonlySet<string> = new Set(["http", "https", "file", "javascript", "mailto", "data", "ftp"]);

const SCHEME = "bitcoin:";
const REQUIRED = "req-";
const AMOUNT_DECIMALS = 8;

type Refusal = { readonly error: string };

/** Reads a payment URI. An error is a sentence that says what is wrong with it. */
export function parsePaymentUri(text: string, context: PaymentUriContext): { readonly uri: PaymentUri } | Refusal {
  if (text.length > URI_LENGTH_MAX) return refuse(`A payment URI has at most ${URI_LENGTH_MAX} characters.`);
  if (text.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return refuse(`A payment URI begins with "${SCHEME}".`);
  const [rest = ""] = text.slice(SCHEME.length).split("#");
  const mark = rest.indexOf("?");
  const body = mark < 0 ? rest : rest.slice(0, mark);
  const parameters = parametersOf(mark < 0 ? "" : rest.slice(mark + 1));
  if ("error" in parameters) return parameters;
  return uriOf(body, parameters, context);
}

type Parameter = readonly [key: string, value: string];

/** Keys in lower case, values decoded. */
function parametersOf(query: string): readonly Parameter[] | Refusal {
  const parts = query.split("&").filter((part) => part !== "");
  if (parts.length > PARAMETERS_MAX) return refuse(`A payment URI has at most ${PARAMETERS_MAX} parameters.`);
  const parameters: Parameter[] = [];
  for (const part of parts) {
    const mark = part.indexOf("=");
    const key = percentDecoded(mark < 0 ? part : part.slice(0, mark));
    const value = percentDecoded(mark < 0 ? "" : part.slice(mark + 1));
    if (key === undefined || value === undefined) return refuse("The payment URI has a % that encodes no character.");
    parameters.push([key.toLowerCase(), value]);
  }
  return parameters;
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Told by throwing where what is encoded is no UTF-8.
    return undefined;
  }
}

function uriOf(
  body: string,
  parameters: readonly Parameter[],
  context: PaymentUriContext,
): { readonly uri: PaymentUri } | Refusal {
  const single = singleValues(parameters, context);
  if ("error" in single) return single;
  const { amount, label, message, pop } = single.values;
  const addresses = addressesOf(body, parameters, context.prefixes);
  if ("error" in addresses) return addresses;
  const others = parameters.filter(([key]) => !isOwn(key, context.prefixes));
  const hasOtherWay = others.some(([key]) => OTHER_WAYS.has(key) || SEGWIT_KEYS.has(key));
  if (addresses.length === 0 && !hasOtherWay) return refuse("The payment URI has no address and no other way to pay.");
  const sats = amount === undefined ? undefined : parseAmount(amount);
  if (amount !== undefined && sats === undefined) {
    return refuse("The amount of a payment URI is a number of bitcoin with a point and at most 8 decimals.");
  }
  const isSafe = pop !== undefined && context.opensPop === true && !opensBrowser(pop);
  return {
    uri: {
      addresses,
      ...(sats !== undefined && { sats }),
      ...(label !== undefined && { label }),
      ...(message !== undefined && { message }),
      ...(isSafe && { pop }),
      others,
    },
  };
}

const isOwn = (key: string, { bech32 }: AddressPrefixes) =>
  SINGLE_KEYS.has(key) || key === `${REQUIRED}pop` || key === bech32;

type SingleValues = { readonly [Key in "amount" | "label" | "message" | "pop"]?: string };

/** The values of keys that may stand there once. Required ones that nobody here knows make the whole URI void. */
function singleValues(
  parameters: readonly Parameter[],
  { opensPop = false }: PaymentUriContext,
): { readonly values: SingleValues } | Refusal {
  const values: Record<string, string> = {};
  for (const [written, value] of parameters) {
    const isRequired = written.startsWith(REQUIRED);
    const key = isRequired ? written.slice(REQUIRED.length) : written;
    if (isRequired && (key !== "pop" || !opensPop || opensBrowser(value))) {
      // Only as it could stand in a URI: words and marks that turn text around could make another sentence of it.
      const shown = key.slice(0, 40).replaceAll(/[^\x21-\x7e]|"/gu, "?");
      return refuse(`The payment URI requires "${shown}", which is not supported here.`);
    }
    if (!SINGLE_KEYS.has(key)) continue;
    if (Object.hasOwn(values, key)) return refuse(`The payment URI has more than one ${key}.`);
    values[key] = value;
  }
  return { values };
}

const opensBrowser = (pop: string) => BROWSER_SCHEMES.has(pop.trimStart().split(":")[0]!.toLowerCase());

function addressesOf(
  body: string,
  parameters: readonly Parameter[],
  prefixes: AddressPrefixes,
): readonly string[] | Refusal {
  const addresses: string[] = [];
  if (body !== "") {
    const address = percentDecoded(body);
    if (address === undefined || !isAddress(address, prefixes)) {
      return refuse("What follows the scheme of the payment URI is no address of this network.");
    }
    addresses.push(address);
  }
  for (const [key, value] of parameters) {
    if (!SEGWIT_KEYS.has(key)) continue;
    const isNamed = value.toLowerCase().startsWith(`${key}1`);
    if (!isNamed || (key === prefixes.bech32 && !isAddress(value, prefixes))) {
      return refuse(`The payment URI's parameter "${key}" is no address of that network.`);
    }
    if (key === prefixes.bech32) addresses.push(value);
  }
  return addresses;
}

const isAddress = (text: string, prefixes: AddressPrefixes) => "script" in decodeAddress(text, prefixes);

/** Digits, and perhaps a point and more of them; `undefined` for all else, and for what no satoshis are. */
function parseAmount(text: string): Sats | undefined {
  const found = /^(\d*)(?:\.(\d*))?$/.exec(text);
  if (found === null || !/\d/.test(text)) return undefined;
  const [, whole = "", decimals = ""] = found;
  const kept = decimals.replace(/0+$/, "");
  if (kept.length > AMOUNT_DECIMALS) return undefined;
  const sats = BigInt(whole) * COIN + BigInt(kept.padEnd(AMOUNT_DECIMALS, "0"));
  return sats <= MAX_MONEY ? sats : undefined;
}

/**
 * The URI as text; {@link parsePaymentUri} reads the same from it. `forQrCode` writes in upper case what may be, which takes a smaller
 * QR code: scheme, keys and segwit addresses. The first address is the body.
 */
export function formatPaymentUri(uri: PaymentUri, options: { readonly forQrCode?: boolean } = {}): string {
  const isUpper = options.forQrCode === true;
  const [first, ...more] = uri.addresses;
  const address = (text: string) => (isUpper && isSegwit(text) ? text.toUpperCase() : text);
  const parameters: Parameter[] = [
    ...more.map((text): Parameter => [text.slice(0, text.lastIndexOf("1")).toLowerCase(), address(text)]),
    ...(uri.sats === undefined ? [] : [["amount", formatAmount(uri.sats)] as const]),
    ...(uri.label === undefined ? [] : [["label", uri.label] as const]),
    ...(uri.message === undefined ? [] : [["message", uri.message] as const]),
    ...(uri.pop === undefined ? [] : [["pop", uri.pop] as const]),
    ...uri.others,
  ];
  const cased = (text: string) => (isUpper ? text.toUpperCase() : text);
  const query = parameters.map(([key, value]) => `${cased(encodeURIComponent(key))}=${encodeURIComponent(value)}`);
  return `${cased(SCHEME)}${first === undefined ? "" : address(first)}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

const isSegwit = (address: string) => [...SEGWIT_KEYS].some((key) => address.toLowerCase().startsWith(`${key}1`));

/** Bitcoin in decimals, no zeros at the end. */
function formatAmount(sats: Sats): string {
  const decimals = (sats % COIN).toString().padStart(AMOUNT_DECIMALS, "0").replace(/0+$/, "");
  return `${sats / COIN}${decimals === "" ? "" : `.${decimals}`}`;
}

function refuse(error: string): Refusal {
  return { error };
}
