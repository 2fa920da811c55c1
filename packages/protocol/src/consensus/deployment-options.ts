import type { VersionBitsOverride } from "./networks.ts";
import { type BuriedDeployment, NO_TIMEOUT, type VersionBitsDeployment } from "./params.ts";

/** An option that cannot be taken, in the words of Bitcoin Core. */
export interface OptionError {
  readonly error: string;
}

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

const BURIED_DEPLOYMENTS: readonly string[] = ["segwit", "bip34", "dersig", "cltv", "csv"] satisfies BuriedDeployment[];
const VERSION_BITS_DEPLOYMENTS: readonly string[] = ["testdummy"] satisfies VersionBitsDeployment[];

/** Parses a value of `-testactivationheight`: `name@height`. */
export function parseTestActivationHeight(
  text: string,
): { readonly deployment: BuriedDeployment; readonly height: number } | OptionError {
  const at = text.indexOf("@");
  const invalid = (what: string) => ({ error: `Invalid ${what} (${text}) for -testactivationheight=name@height.` });
  if (at === -1) return invalid("format");
  const height = parseInteger(text.slice(at + 1), BigInt(INT32_MIN), BigInt(INT32_MAX));
  if (height === undefined || height < 0n || height >= BigInt(INT32_MAX)) return invalid("height value");
  const name = text.slice(0, at);
  if (!BURIED_DEPLOYMENTS.includes(name)) return invalid("name");
  return { deployment: name as BuriedDeployment, height: Number(height) };
}

/** Parses a value of `-vbparams`: `deployment:start:end[:min_activation_height]`. */
export function parseVbParams(
  text: string,
): { readonly deployment: VersionBitsDeployment; readonly override: VersionBitsOverride } | OptionError {
  const [name, start, end, minHeight, ...others] = text.split(":");
  if (name === undefined || start === undefined || end === undefined || others.length > 0) {
    return {
      error: "Version bits parameters malformed, expecting deployment:start:end[:min_activation_height]",
    };
  }
  const startTime = parseInteger(start, INT64_MIN, INT64_MAX);
  if (startTime === undefined) return { error: `Invalid nStartTime (${start})` };
  const timeout = parseInteger(end, INT64_MIN, INT64_MAX);
  if (timeout === undefined) return { error: `Invalid nTimeout (${end})` };
  const minActivationHeight = parseInteger(minHeight ?? "0", INT64_MIN, INT64_MAX);
  if (minActivationHeight === undefined) return { error: `Invalid min_activation_height (${minHeight})` };
  if (!VERSION_BITS_DEPLOYMENTS.includes(name)) return { error: `Invalid deployment (${name})` };
  return {
    deployment: name as VersionBitsDeployment,
    override: {
      startTime: safeNumber(startTime),
      timeout: safeNumber(timeout),
      // Heights have 32 bits; what is longer loses its upper part.
      minActivationHeight: Number(BigInt.asIntN(32, minActivationHeight)),
    },
  };
}

function parseInteger(text: string, least: bigint, most: bigint): bigint | undefined {
  if (!/^-?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < least || value > most ? undefined : value;
}

/** A time as a number; what lies beyond the safe integers is never reached either way. */
function safeNumber(value: bigint): number {
  if (value > BigInt(NO_TIMEOUT)) return NO_TIMEOUT;
  return value < -BigInt(NO_TIMEOUT) ? -NO_TIMEOUT : Number(value);
}
