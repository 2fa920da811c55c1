import { JsonNumber, JsonObject, type JsonValue } from "@bitfleet/api/json.ts";

/** Calls whose answers `bitcoin-cli -getinfo` shows together. */
export const INFO_METHODS = ["getnetworkinfo", "getblockchaininfo"] as const;

/** Below this a node counts as syncing, and its progress is drawn. */
const SYNCED_PROGRESS = 0.99;
const BAR_WIDTH = 21;
/** Balances stand below one another from here on. */
const BALANCE_WIDTH = 10;
const MAGENTA = "\x1b[35m";
const CYAN = "\x1b[36m";
const BLUE = "\x1b[34m";
const GREEN = "\x1b[32m";
const YELLOW = "\x1b[33m";
const PLAIN = "\x1b[0m";

/** Whether `-color=<when>` asks for colours. Throws on a word that is none of the three. */
export function wantsColor(when: string, isTerminal: boolean): boolean {
  if (when === "always" || when === "never") return when === "always";
  if (when === "auto") return isTerminal && !process.env.NO_COLOR;
  throw new Error(`Invalid value for -color option. Valid values: always, auto, never.`);
}

/** What is shown of wallets. */
export interface WalletInfo {
  /** What `getwalletinfo` answers of the wallet that is meant. */
  readonly wallet: JsonObject | undefined;
  /** What may be spent of it. */
  readonly balance: JsonValue | undefined;
  /** The same of each, where several are loaded and none is meant. */
  readonly balances: ReadonlyMap<string, JsonValue | undefined>;
}

/** What may be spent, in the answer of `getbalances`. */
export function trustedIn(balances: JsonValue | undefined): JsonValue | undefined {
  const mine = balances instanceof JsonObject ? balances.get("mine") : undefined;
  return mine instanceof JsonObject ? mine.get("trusted") : undefined;
}

/** The node at a glance, as bitcoin-cli shows it. */
export function infoText(network: JsonObject, chain: JsonObject, wallets: WalletInfo, isColored: boolean): string {
  const paint = (color: string, text: string) => (isColored ? `${color}${text}${PLAIN}` : text);
  const connections = `in ${textAt(network, "connections_in")}, out ${textAt(network, "connections_out")}`;
  const proxies = proxiesOf(network);
  const warnings = [chain.get("warnings") ?? []].flat().filter((one) => typeof one === "string");
  return [
    paint(BLUE, `Chain: ${textAt(chain, "chain")}`),
    `Blocks: ${textAt(chain, "blocks")}`,
    `Headers: ${textAt(chain, "headers")}`,
    `Verification progress: ${progressText(Number(textAt(chain, "verificationprogress")))}`,
    `Difficulty: ${textAt(chain, "difficulty")}`,
    "",
    paint(GREEN, `Network: ${connections}, total ${textAt(network, "connections")}`),
    `Version: ${textAt(network, "version")}`,
    `Time offset (s): ${textAt(network, "timeoffset")}`,
    `Proxies: ${proxies.length > 0 ? proxies.join(", ") : "n/a"}`,
    `Min tx relay fee rate (BTC/kvB): ${textAt(network, "relayfee")}`,
    "",
    ...walletLines(wallets, paint),
    `${paint(YELLOW, "Warnings:")} ${warnings.length > 0 ? warnings.join("\n") : "(none)"}`,
  ].join("\n");
}

function walletLines(
  { wallet, balance, balances }: WalletInfo,
  paint: (color: string, text: string) => string,
): string[] {
  const lines: string[] = [];
  if (wallet !== undefined) {
    lines.push(paint(MAGENTA, `Wallet: ${nameText(textAt(wallet, "walletname"))}`));
    lines.push(`Keypool size: ${textAt(wallet, "keypoolsize")}`);
    if (wallet.get("unlocked_until") !== undefined) lines.push(`Unlocked until: ${textAt(wallet, "unlocked_until")}`);
  }
  if (balance !== undefined) lines.push(`${paint(CYAN, "Balance:")} ${textOf(balance)}`, "");
  if (balances.size > 0) {
    const texts = [...balances].map(([name, value]) => [nameText(name), textOf(value)] as const);
    const width = Math.max(BALANCE_WIDTH, ...texts.map(([, text]) => text.length));
    lines.push(paint(CYAN, "Balances"), ...texts.map(([name, text]) => `${text.padStart(width)} ${name}`), "");
  }
  return lines;
}

const nameText = (name: string) => (name === "" ? '""' : name);

const textAt = (object: JsonObject, name: string) => textOf(object.get(name));

function textOf(value: JsonValue | undefined): string {
  return value instanceof JsonNumber ? value.text : typeof value === "string" ? value : "n/a";
}

function progressText(progress: number): string {
  const percent = `${(progress * 100).toFixed(4)}%`;
  return progress < SYNCED_PROGRESS ? `${progressBar(progress, BAR_WIDTH)} ${percent}` : percent;
}

/** `████▒░░░░░`: what is done, where it stands, what remains. `part` from 0 to 1. */
export function progressBar(part: number, width: number): string {
  const done = Math.max(0, Math.min(width, Math.floor(part * width)));
  return `${"█".repeat(done)}${done < width ? "▒" : ""}${"░".repeat(Math.max(0, width - done - 1))}`;
}

/** Each proxy once, with the networks that go through it: `127.0.0.1:9050 (ipv4, ipv6, onion)`. */
function proxiesOf(network: JsonObject): readonly string[] {
  const networks: JsonValue = network.get("networks") ?? [];
  const byProxy = new Map<string, string[]>();
  for (const one of Array.isArray(networks) ? networks : []) {
    if (!(one instanceof JsonObject)) continue;
    const proxy = textAt(one, "proxy");
    if (proxy === "" || proxy === "n/a") continue;
    byProxy.set(proxy, [...(byProxy.get(proxy) ?? []), textAt(one, "name")]);
  }
  return [...byProxy].map(([proxy, names]) => `${proxy} (${names.join(", ")})`);
}
