import {
  ConfigError,
  interpretBoolean,
  leadingInteger,
  type SettingSources,
  settingOf,
  settingsOf,
  settingText,
} from "./settings.ts";

/** Reads settings as the kinds of value that options have. Each function throws `ConfigError` naming option and value. */

export function booleanSetting(sources: SettingSources, name: string): boolean | undefined {
  const text = settingText(settingOf(sources, name));
  return text === undefined ? undefined : interpretBoolean(text);
}

export function textSetting(sources: SettingSources, name: string): string | undefined {
  return settingText(settingOf(sources, name));
}

/** Every value of an option that may be given several times. */
export function listSetting(sources: SettingSources, name: string): readonly string[] {
  return settingsOf(sources, name).map((value) => settingText(value) ?? "");
}

/**
 * A whole number. Core takes `-dbcache=abc` for 0; here text that is no number is refused, since nobody means it. Without a
 * value the option counts as 0, as in Core.
 */
export function integerSetting(sources: SettingSources, name: string): number | undefined {
  const text = textSetting(sources, name);
  if (text === undefined) return undefined;
  if (text !== "" && !/^\s*[+-]?\d+\s*$/.test(text)) {
    throw new ConfigError(`Invalid value '${text}' for -${name}: a whole number is expected.`);
  }
  const value = leadingInteger(text);
  if (!Number.isSafeInteger(value))
    throw new ConfigError(`Invalid value '${text}' for -${name}: the number is too large.`);
  return value;
}

/** A whole number of which one too large for us stands for the largest, since it is a limit that is never reached. */
export function saturatedSetting(sources: SettingSources, name: string): number | undefined {
  const text = textSetting(sources, name);
  if (text === undefined || Number.isSafeInteger(leadingInteger(text))) return integerSetting(sources, name);
  return leadingInteger(text) > 0 ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
}

/** A number that may have a fraction, above zero. */
export function positiveNumberSetting(sources: SettingSources, name: string): number | undefined {
  const text = textSetting(sources, name);
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value <= 0) throw new ConfigError(`Invalid value '${text}' for -${name}: a number above zero is expected.`);
  return value;
}

/** A TCP port, 1 to 65535. */
export function portSetting(sources: SettingSources, name: string): number | undefined {
  const text = textSetting(sources, name);
  if (text === undefined) return undefined;
  const port = portOf(text);
  if (port === undefined) throw new ConfigError(`Invalid port specified in -${name}: '${text}'`);
  return port;
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number | undefined;
}

/** Splits `host`, `host:port`, `[::1]`, `[::1]:port` and `::1`. `undefined` where the port is none. */
export function splitHostPort(text: string): HostAndPort | undefined {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed) return withPort(bracketed[1]!, bracketed[2]);
  const colon = text.indexOf(":");
  // More than one colon and no brackets: an IPv6 address without a port.
  if (colon === -1 || colon !== text.lastIndexOf(":")) return { host: text, port: undefined };
  return withPort(text.slice(0, colon), text.slice(colon + 1));
}

function withPort(host: string, text: string | undefined): HostAndPort | undefined {
  if (text === undefined) return { host, port: undefined };
  const port = portOf(text);
  return port === undefined ? undefined : { host, port };
}

/** Hex of at most 64 digits, with or without `0x`, as a number; `undefined` for anything else. */
export function userHex(text: string): bigint | undefined {
  const digits = text.replace(/^0[xX]/, "");
  return /^[0-9a-fA-F]{1,64}$/.test(digits) ? BigInt(`0x${digits}`) : undefined;
}
