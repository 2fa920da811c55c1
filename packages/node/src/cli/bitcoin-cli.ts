import { readFileSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import { containerTargetArguments } from "../config/container/cli-places.ts";
import type { Environment } from "../config/container/variables.ts";
import { type ConfigEnvironment, loadCommandLine, pathSetting, readSettings } from "../config/files.ts";
import { findOption, type OptionDefinition } from "../config/options.ts";
import { ConfigError, type SettingSources, settingOf } from "../config/settings.ts";
import { booleanSetting, integerSetting, splitHostPort, textSetting } from "../config/values.ts";
import {
  credentialsProblem,
  failureOf,
  parseReply,
  postRpc,
  type RpcReply,
  type RpcTarget,
  RpcUnreachable,
  rpcRequest,
} from "../network/rpc-client.ts";
import { VERSION } from "../version.ts";
import { INFO_METHODS, infoText, trustedIn, wantsColor } from "./get-info.ts";
import { resultText } from "./json-text.ts";
import { namedArguments, positionalArguments } from "./rpc-arguments.ts";

const TIMEOUT_SECONDS_DEFAULT = 900;
const RETRY_PAUSE_MS = 1000;
const IN_WARMUP = -28;
const RPC_PORTS: Readonly<Record<string, number>> = {
  main: 8332,
  test: 18332,
  testnet4: 48332,
  signet: 38332,
  regtest: 18443,
};

/** Options that the client alone has, with their help. */
const CLIENT_OPTIONS: readonly (readonly [name: string, kind: OptionDefinition["kind"], help: string])[] = [
  ["color=<when>", "text", "Colours in -getinfo: always, auto or never (default: auto)"],
  ["generate", "boolean", "Make blocks to a new address of the wallet: [nblocks (default: 1)] [maxtries]"],
  ["getinfo", "boolean", "Show the node at a glance: chain, network, wallets, warnings"],
  ["named", "boolean", "Pass parameters by name: name=value"],
  ["rpcclienttimeout=<n>", "integer", "Seconds until a call is given up; 0 for never (default: 900)"],
  ["rpcconnect=<ip>", "text", "The node's host, with or without its port (default: 127.0.0.1)"],
  ["rpcid=<id>", "integer", "Id of the request (default: 1)"],
  ["rpcwait", "boolean", "Wait until the node answers"],
  ["rpcwaittimeout=<n>", "integer", "Longest wait of -rpcwait in seconds; 0 for ever (default: 0)"],
  ["rpcwallet=<walletname>", "text", "Wallet that the call is for"],
  ["stdin", "boolean", "Read further arguments from standard input, one a line"],
  ["stdinrpcpass", "boolean", "Read the RPC password from standard input, its first line"],
  ["stdinwalletpassphrase", "boolean", "Read the wallet's passphrase from standard input, its next line"],
];

/** Options of the node that the client reads too. */
const SHARED_OPTIONS = [
  ...["help", "version", "conf", "datadir", "includeconf", "allowignoredconf"],
  ...["chain", "regtest", "signet", "signetchallenge", "testnet", "testnet4"],
  ...["rpccookiefile", "rpcpassword", "rpcport", "rpcuser"],
];

const OWN_DEFINITIONS: ReadonlyMap<string, OptionDefinition> = new Map(
  CLIENT_OPTIONS.map(([title, kind, help]) => {
    const [name] = title.split("=", 1) as [string];
    const plain = { sectionOnly: false, noNegation: false, noElision: false, sensitive: false, debugOnly: false };
    const parameter = title.slice(name.length);
    return [name, { name, kind, status: "active", group: "Options", ...plain, parameter, help }];
  }),
);

function findClientOption(name: string): OptionDefinition | undefined {
  const shared = findOption(name);
  return OWN_DEFINITIONS.get(name) ?? (shared && SHARED_OPTIONS.includes(shared.name) ? shared : undefined);
}

/**
 * `bitcoin-cli`: sends one call to a node and prints what it answers. Returns the exit code. `variables` lead to the node of a container,
 * where they say that this is one.
 */
export async function runBitcoinCli(
  args: readonly string[],
  environment: ConfigEnvironment,
  variables: Environment = {},
): Promise<number> {
  try {
    const given = loadCommandLine(args, findClientOption);
    const early = earlyText(given);
    if (early !== undefined) {
      process.stdout.write(early);
      return 0;
    }
    const ofContainer = await containerTargetArguments(variables, given);
    const sources = ofContainer.length === 0 ? given : loadCommandLine([...ofContainer, ...args], findClientOption);
    return await runCommand(sources, args.slice(switchCount(args)), environment);
  } catch (error) {
    // Errors of options come before anything runs and are worded as the node's own.
    const prefix = error instanceof ConfigError ? "Error: " : "error: ";
    process.stderr.write(`${prefix}${(error as Error).message}\n`);
    return 1;
  }
}

function switchCount(args: readonly string[]): number {
  const first = args.findIndex((arg) => !arg.startsWith("-"));
  return first === -1 ? args.length : first;
}

function earlyText(sources: SettingSources): string | undefined {
  if (booleanSetting(sources, "version")) return `Bitfleet RPC client version v${VERSION}\n`;
  if (!["help", "h", "?"].some((name) => settingOf(sources, name) !== undefined)) return undefined;
  const shared = SHARED_OPTIONS.map((name) => findOption(name)!);
  const options = [...OWN_DEFINITIONS.values(), ...shared].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = options.map(({ name, parameter, help }) => `  -${name}${parameter}\n       ${help}\n`);
  return `Usage: bitcoin-cli [options] <command> [params]\n\n${lines.join("\n")}`;
}

async function runCommand(
  sources: SettingSources,
  words: readonly string[],
  environment: ConfigEnvironment,
): Promise<number> {
  const has = (name: string) => booleanSetting(sources, name) === true;
  const input = ["stdin", "stdinrpcpass", "stdinwalletpassphrase"].some(has) ? stdinLines() : [];
  const password = has("stdinrpcpass") ? input.shift() : undefined;
  const given = withPassphrase(words, has("stdinwalletpassphrase") ? { line: input.shift() } : undefined);
  // The method itself may be the first line of the input.
  const [method, ...rest] = has("stdin") ? [...given, ...input] : given;
  const target = targetOf(sources, environment, password);
  if (booleanSetting(sources, "getinfo")) {
    if (method !== undefined) throw new Error("-getinfo takes no arguments");
    return showInfo(sources, target);
  }
  if (has("generate")) return generate(sources, target, [...(method === undefined ? [] : [method]), ...rest]);
  if (method === undefined) throw new Error("too few parameters (need at least command)");
  const params = booleanSetting(sources, "named") ? namedArguments(method, rest) : positionalArguments(method, rest);
  const body = rpcRequest(method, params, String(integerSetting(sources, "rpcid") ?? 1));
  return printReply(await postPatiently(sources, target, body), target);
}

/** Behind the method's name, where the passphrase stands in the calls that take one. */
function withPassphrase(words: readonly string[], passphrase: { readonly line: string | undefined } | undefined) {
  if (passphrase === undefined) return words;
  const [method, ...rest] = words;
  if (method?.startsWith("walletpassphrase") !== true) {
    throw new Error("-stdinwalletpassphrase is only applicable for walletpassphrase(change)");
  }
  const { line } = passphrase;
  if (line === undefined) throw new Error("-stdinwalletpassphrase specified but failed to read from standard input");
  return [method, line, ...rest];
}

/** `-getinfo`: several calls, shown together. What a node without wallets, or with several, does not answer is left out. */
async function showInfo(sources: SettingSources, target: RpcTarget): Promise<number> {
  const isColored = wantsColor(textSetting(sources, "color") ?? "auto", process.stdout.isTTY === true);
  const results: JsonObject[] = [];
  for (const method of INFO_METHODS) {
    const reply = await postPatiently(sources, target, rpcRequest(method, []));
    const result = replyOf(reply, target);
    if (failureOf(result)) return printReply(reply, target);
    const value = result.get("result");
    if (!(value instanceof JsonObject)) throw new Error(`unexpected answer of ${method}`);
    results.push(value);
  }
  const ask = async (method: string, path = target.path) => {
    const reply = replyOf(await postPatiently(sources, { ...target, path }, rpcRequest(method, [])), target);
    return failureOf(reply) ? undefined : reply.get("result");
  };
  const wallet = await ask("getwalletinfo");
  const balances = new Map<string, JsonValue | undefined>();
  const loaded = target.path === "/" ? await ask("listwallets") : undefined;
  if (Array.isArray(loaded) && loaded.length > 1) {
    for (const name of loaded.map(String)) balances.set(name, trustedIn(await ask("getbalances", walletPath(name))));
  }
  const balance = wallet instanceof JsonObject ? trustedIn(await ask("getbalances")) : undefined;
  const parts = { wallet: wallet instanceof JsonObject ? wallet : undefined, balance, balances };
  process.stdout.write(`${infoText(results[0]!, results[1]!, parts, isColored)}\n`);
  return 0;
}

/** `-generate`: blocks to a new address of the wallet. */
async function generate(sources: SettingSources, target: RpcTarget, words: readonly string[]): Promise<number> {
  const given = await postPatiently(sources, target, rpcRequest("getnewaddress", []));
  const address = replyOf(given, target);
  if (failureOf(address)) return printReply(given, target);
  const method = "generatetoaddress";
  const params = positionalArguments(method, generateArguments(words, String(address.get("result"))));
  const reply = await postPatiently(sources, target, rpcRequest(method, params));
  const blocks = replyOf(reply, target);
  if (failureOf(blocks)) return printReply(reply, target);
  const made = new JsonObject([
    ["address", address.get("result") ?? null],
    ["blocks", blocks.get("result") ?? null],
  ]);
  process.stdout.write(`${resultText(made)}\n`);
  return 0;
}

function generateArguments(words: readonly string[], address: string): readonly string[] {
  if (words.length > 2) throw new Error("too many arguments (maximum 2 for nblocks and maxtries)");
  const [count = "1", ...tries] = words;
  if (count !== "0") return [count, address, ...tries];
  throw new Error(
    "the first argument (number of blocks to generate, default: 1) must be an integer value greater than zero",
  );
}

const walletPath = (name: string) => `/wallet/${encodeURIComponent(name)}`;

function stdinLines(): string[] {
  const lines = readAllInput().split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** A terminal has no end that `readFileSync` would find at once; there one line is read at a time. */
function readAllInput(): string {
  if (!process.stdin.isTTY) return readFileSync(0, "utf8");
  const chunk = Buffer.alloc(65_536);
  let text = "";
  for (let size = readSync(0, chunk); size > 0; size = readSync(0, chunk)) text += chunk.toString("utf8", 0, size);
  return text;
}

/** Where the node answers that bitcoin-cli options of `args`, and the configuration file that they lead to, mean. */
export function cliTarget(args: readonly string[], environment: ConfigEnvironment): RpcTarget {
  return targetOf(loadCommandLine(args, findClientOption), environment, undefined);
}

function targetOf(sources: SettingSources, environment: ConfigEnvironment, password: string | undefined): RpcTarget {
  const { network, networkDir } = readSettings(sources, environment);
  const address = textSetting(sources, "rpcconnect") ?? "127.0.0.1";
  const connect = splitHostPort(address);
  if (connect === undefined) throw new Error(`Invalid port provided in -rpcconnect: ${address}`);
  const portText = textSetting(sources, "rpcport");
  const ownPort = portText === undefined ? undefined : splitHostPort(`x:${portText}`)?.port;
  if (portText !== undefined && ownPort === undefined)
    throw new Error(`Invalid port provided in -rpcport: ${portText}`);
  if (ownPort !== undefined && connect.port !== undefined) {
    process.stderr.write(`Warning: Port specified in both -rpcconnect and -rpcport. Using -rpcport ${ownPort}\n`);
  }
  const wallet = settingOf(sources, "rpcwallet") === false ? undefined : textSetting(sources, "rpcwallet");
  const timeoutSeconds = integerSetting(sources, "rpcclienttimeout") ?? TIMEOUT_SECONDS_DEFAULT;
  const secret = password ?? textSetting(sources, "rpcpassword") ?? "";
  const cookie = pathSetting(sources, "rpccookiefile") ?? ".cookie";
  const hasCookie = settingOf(sources, "rpccookiefile") !== false;
  return {
    host: connect.host,
    port: ownPort ?? connect.port ?? RPC_PORTS[network]!,
    credentials:
      secret === ""
        ? { cookieFile: hasCookie ? resolve(networkDir, cookie) : undefined }
        : `${textSetting(sources, "rpcuser") ?? ""}:${secret}`,
    path: wallet === undefined ? "/" : walletPath(wallet),
    timeoutMs: timeoutSeconds * 1000,
  };
}

/** With `-rpcwait`, tries again while the node is not there or still starting. */
async function postPatiently(sources: SettingSources, target: RpcTarget, body: string): Promise<RpcReply> {
  const waits = booleanSetting(sources, "rpcwait") ?? false;
  const timeoutMs = (integerSetting(sources, "rpcwaittimeout") ?? 0) * 1000;
  const startedMs = performance.now();
  for (;;) {
    let problem: string;
    try {
      const reply = await postRpc(target, body);
      const parsed = waits ? parseReply(reply.body) : undefined;
      const failure = parsed && failureOf(parsed);
      if (failure?.code !== IN_WARMUP && !(waits && reply.status === 401)) return reply;
      problem = failure?.message ?? "the node's cookie is not written yet";
    } catch (error) {
      if (!(error instanceof RpcUnreachable)) throw error;
      problem = unreachableText(target, error.message);
      if (!waits) throw new Error(problem);
    }
    if (timeoutMs > 0 && performance.now() - startedMs > timeoutMs) {
      throw new Error(`timeout on transient error: ${problem}`);
    }
    await new Promise((resume) => setTimeout(resume, RETRY_PAUSE_MS));
  }
}

function unreachableText(target: RpcTarget, reason: string): string {
  return (
    `Error while attempting to communicate with server ${target.host}:${target.port} (${reason})\n\n` +
    "Make sure the bitcoind server is running and that you are connecting to the correct RPC port.\n" +
    'Use "bitcoin-cli -help" for more info.'
  );
}

/** The reply as JSON. Throws where it is none that a node gives. */
function replyOf(reply: RpcReply, target: RpcTarget): JsonObject {
  if (reply.status === 401) throw new Error(`Authorization failed: ${credentialsProblem(target)}`);
  if (reply.status === 503) throw new Error(`Server response: ${reply.body}`);
  if (reply.body === "") throw new Error("no response from server");
  const parsed = parseReply(reply.body);
  if (parsed === undefined) {
    throw new Error(
      reply.status >= 400 ? `server returned HTTP error ${reply.status}` : "couldn't parse reply from server",
    );
  }
  return parsed;
}

function printReply(reply: RpcReply, target: RpcTarget): number {
  const parsed = replyOf(reply, target);
  const failure = failureOf(parsed);
  if (failure) {
    process.stderr.write(`error code: ${failure.code}\nerror message:\n${failure.message}\n`);
    return Math.abs(failure.code) % 256;
  }
  const text = resultText(parsed.get("result") ?? null);
  if (text !== "") process.stdout.write(`${text}\n`);
  return 0;
}
