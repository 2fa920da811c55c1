import { JsonNumber, JsonObject, type JsonValue } from "@bitfleet/api/json.ts";

/** Calls whose answers `bitcoin-cli -getinfo` shows together. */
export const INFO_METHODS = ["getnetworkinfo", "getblockchaininfo"] as const;

/** Below this a node counts as syncing, and its progress is drawn. */
const SYNCED_PROGRESS = 0.99;
const BAR_WIDTH = 21;
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

/** The node at a glance, as bitcoin-cli shows it. */
export function infoText(network: JsonObject, chain: JsonObject, isColored: boolean): string {
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
    `${paint(YELLOW, "Warnings:")} ${warnings.length > 0 ? warnings.join("\n") : "(none)"}`,
  ].join("\n");
}

function textAt(object: JsonObject, name: string): string {
  const value = object.get(name);
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
