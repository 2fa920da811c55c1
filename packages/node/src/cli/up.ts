import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { systemRandom } from "../clock.ts";
import { type NodeConfig, readConfig } from "../config/config.ts";
import { WEB_INDEX_ARGUMENTS } from "../config/indexes.ts";
import { type DirectoryLock, DirectoryLockError, lockDirectory } from "../directory-lock.ts";
import type { Lifecycle } from "../lifecycle.ts";
import { machineEnvironment } from "../machine.ts";
import { keepToOwner, reportFailure, runNode } from "../main.ts";
import { isGenerateRefusal } from "../mining/generate.ts";
import { freePort } from "../network/free-port.ts";
import { mockTimeArguments } from "../network/mock-time.ts";
import { importMiningKey, NETWORK_WALLET_ARGUMENTS } from "../network/network-wallet.ts";
import { noFaucetReason, payeeOf } from "../network/payee.ts";
import { chainOfFolder } from "../network/private-chain.ts";
import { PRIVATE_NETWORK_ARGUMENTS } from "../network/private-network.ts";
import { nodesOf, readRunningNetwork, removeRunningNetwork, writeRunningNetwork } from "../network/running-network.ts";
import { MINER_P2P_PORT } from "../network/topology.ts";
import type { NodePrograms } from "../node.ts";
import type { RunningNode } from "../running-node.ts";
import { adminKeyText, loadAdminKey } from "../server/access/admin-key.ts";
import { ListenError } from "../server/listen-address.ts";
import { makeDirectory } from "../storage/make-directory.ts";
import { VERSION } from "../version.ts";
import { DATA_FOLDER_DEFAULT } from "./find-network.ts";
import { ProgressLine, TerminalStatus } from "./terminal-status.ts";
import { FIRST_BLOCKS, type UpOptions, type UpSettings } from "./up-options.ts";
import { runUpProcesses } from "./up-processes.ts";
import { walletText } from "./wallet-text.ts";

/** The node's own data directory, in the folder of the network. */
const NODE_FOLDER = "miner-0";

/**
 * `bitfleet up`: a network until Ctrl-C, one mining node with its page, or as many processes as were asked for. The next start
 * goes on with the same chain. Returns the exit code.
 */
export async function runUp(options: UpOptions, programs: NodePrograms): Promise<number> {
  keepToOwner();
  const folder = resolve(options.data);
  let lock: DirectoryLock | undefined;
  try {
    refuseForeignFolder(folder);
    makeDirectory(folder);
    lock = await lockDirectory(folder);
    // Where the system has no such locks, the note of what runs stands for one.
    if (readRunningNetwork(folder) !== undefined) throw new DirectoryLockError("");
    const wanted = {
      isSignet: options.signet ?? options.signetKey !== undefined,
      blockTimeSeconds: options.interval,
      signetKey: options.signetKey,
      isBegun: existsSync(join(folder, NODE_FOLDER)),
    };
    const chain = chainOfFolder(folder, wanted, systemRandom);
    const payee = await payeeOf(folder, chain, systemRandom);
    const adminKey = await loadAdminKey(folder, systemRandom);
    const settings = { options, folder, chain, payee, adminKey };
    if (options.miners !== undefined || options.webservers !== undefined) return await runUpProcesses(settings);
    return await runUpNode(settings, programs);
  } catch (error) {
    process.stderr.write(`Error: ${folderProblem(error, options)}\n`);
    return 1;
  } finally {
    await lock?.release();
  }
}

/** One node in this process. */
async function runUpNode(settings: UpSettings, programs: NodePrograms): Promise<number> {
  const { options } = settings;
  const config = await configOf(settings);
  const progress = new ProgressLine();
  const onProgress = (step: string, percent: number) => progress.show(step, percent);
  return runNode(
    config,
    { ...programs, onProgress },
    {
      onStarted: (node, lifecycle) => {
        progress.clear();
        return runNetwork({ ...settings, node, lifecycle, script: miningScriptOf(node) });
      },
      report: (error) => {
        progress.clear();
        return reportBusy(error, options) ?? reportFailure(error, config);
      },
    },
  );
}

async function configOf({ options, folder, chain, payee, adminKey }: UpSettings): Promise<NodeConfig> {
  const nodeDataDir = join(folder, NODE_FOLDER);
  makeDirectory(nodeDataDir);
  const args = [
    ...chain.args,
    `-datadir=${nodeDataDir}`,
    `-rpcport=${options.rpcPort}`,
    // Both or none: on ::1 alone, callers of 127.0.0.1 would reach whatever else listens there.
    "-rpcbind=127.0.0.1",
    "-rpcallowip=127.0.0.1",
    `-webport=${options.port}`,
    `-webbind=${options.host}`,
    `-webkeysfile=${adminKey.keysFile}`,
    `-webnetwork=${folder}`,
    `-bind=127.0.0.1:${await freePort(MINER_P2P_PORT)}`,
    // Nobody else is to be found.
    "-dnsseed=0",
    ...PRIVATE_NETWORK_ARGUMENTS,
    ...WEB_INDEX_ARGUMENTS,
    ...(payee.walletProblem === undefined ? NETWORK_WALLET_ARGUMENTS : []),
    ...(payee.miningAddress === undefined ? [] : [`-miningaddress=${payee.miningAddress}`]),
    "-printtoconsole=0",
    ...mockTimeArguments(folder),
  ];
  const outcome = readConfig(args, machineEnvironment(), VERSION);
  if (outcome.action !== "run") throw new Error("unreachable: no option of up prints and leaves");
  return outcome.config;
}

/** A bitcoind's own folder is no place for a network: its chain would lie beside ours. */
function refuseForeignFolder(folder: string): void {
  if (existsSync(join(folder, NODE_FOLDER))) return;
  const found = ["blocks", "chainstate", "regtest", "signet", "testnet3", "testnet4", "bitcoin.conf"].find((name) =>
    existsSync(join(folder, name)),
  );
  if (found === undefined) return;
  throw new Error(
    `${folder} is the data folder of a node (it holds ${found}), not of a network; choose another with --data.`,
  );
}

function folderProblem(error: unknown, options: UpOptions): string {
  const folder = resolve(options.data);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return `Cannot write to ${folder}; choose another folder with --data.`;
  if (code === "ENOENT") return `${folder} cannot be made there; choose another folder with --data.`;
  if (code === "ENOTDIR" || code === "EEXIST") return `${folder} is no folder; choose another with --data.`;
  // A folder that cannot be written to is no lock of somebody else's.
  if (error instanceof DirectoryLockError && !message.startsWith("Cannot write")) return busyText(options);
  return message;
}

function busyText(options: UpOptions): string {
  const folder = resolve(options.data);
  const running = readRunningNetwork(folder);
  const what =
    running === undefined
      ? `Another "bitfleet up" is starting or stopping in ${folder}.`
      : `The network in ${folder} is running already, as process ${running.pid}.`;
  const stop = options.data === DATA_FOLDER_DEFAULT ? "bitfleet down" : `bitfleet down --data=${options.data}`;
  return `${what} Stop it with "${stop}", or choose another folder with --data.`;
}

/** The option that another value of helps: an address that is none is not mended by another port. */
function flagOf({ address, code }: ListenError, options: UpOptions): string {
  if (address.port !== options.port) return "--rpc-port";
  return code === "ENOTFOUND" || code === "EADDRNOTAVAIL" ? "--host" : "--port";
}

function reportBusy(error: unknown, options: UpOptions): number | undefined {
  if (error instanceof DirectoryLockError) {
    process.stderr.write(`Error: ${error.message} Choose another folder with --data, or end that node.\n`);
    return 1;
  }
  if (!(error instanceof ListenError)) return undefined;
  const flag = flagOf(error, options);
  process.stderr.write(`Error: ${error.message}. Choose another with ${flag}.\n`);
  return 1;
}

interface Network extends UpSettings {
  /** That what is mined is paid to. */
  readonly script: Uint8Array;
  readonly node: RunningNode;
  readonly lifecycle: Lifecycle;
}

/** Shows what runs, mines the first blocks where there are none, and then goes on mining. */
async function runNetwork(network: Network): Promise<void> {
  const { options, folder, chain, payee, script, node, lifecycle } = network;
  const { miningKey, walletProblem } = payee;
  // A terminal that closes takes its network along; a node alone would only reopen its log.
  process.once("SIGHUP", () => lifecycle.requestStop());
  const webUrl = `http://localhost:${node.webAddress?.port ?? options.port}`;
  const rpcPort = node.rpcAddresses[0]?.port ?? options.rpcPort;
  const miningAddress = miningAddressOf(network);
  const running = {
    pid: process.pid,
    nodeDataDir: node.config.baseDir,
    rpcPort,
    webUrl,
    miningAddress,
    ...(walletProblem !== undefined && { noFaucet: noFaucetReason(payee, miningAddress) }),
    chain: chain.name,
  };
  if (miningKey !== undefined && walletProblem === undefined) await importMiningKey(nodesOf(running)[0]!, miningKey);
  await lifecycle.start(
    "note of what runs",
    () => writeRunningNetwork(folder, running),
    () => removeRunningNetwork(folder),
  );
  process.stdout.write(introduction(network, webUrl, rpcPort));
  const status = await lifecycle.start(
    "terminal status",
    () => new TerminalStatus(node.chain),
    (shown) => shown.close(),
  );
  if (node.chain.height < FIRST_BLOCKS) await mineFirstBlocks(node, script);
  status.begin();
  if (!options.mining || lifecycle.signal.aborted) return;
  node.miner.configure({ pacing: "interval", intervalMs: options.interval * 1000, script });
}

/** Of the node's wallet, or of the key. */
function miningScriptOf({ miner }: RunningNode): Uint8Array {
  const { script } = miner.status();
  if (script === undefined) throw new Error("unreachable: a network has a wallet or a key to mine to");
  return script;
}

const miningAddressOf = ({ node, script }: Network): string =>
  encodeAddress(script, node.config.network.addressPrefixes)!;

async function mineFirstBlocks(node: RunningNode, script: Uint8Array): Promise<void> {
  const progress = new ProgressLine();
  const unsubscribe = node.chain.events.subscribe(
    () => progress.show(`Mining the first ${FIRST_BLOCKS} blocks`, (node.chain.height * 100) / FIRST_BLOCKS),
    { name: "progress", overflow: "lose" },
  );
  const made = await node.generator.generate(script, FIRST_BLOCKS - node.chain.height, Number.MAX_SAFE_INTEGER);
  unsubscribe();
  progress.clear();
  if (isGenerateRefusal(made)) throw new Error(`The first blocks were refused: ${made.reason}`);
}

function introduction(network: Network, webUrl: string, rpcPort: number): string {
  const { options, folder, chain, payee, adminKey, node } = network;
  const address = miningAddressOf(network);
  const mining = options.mining ? `a block about every ${options.interval} s, paid to ${address}` : "off";
  const lines = [
    ["Web page", webUrl],
    ["Wallet app", `${webUrl}/wallet-app/`],
    ["JSON-RPC", `http://127.0.0.1:${rpcPort}  (cookie: ${node.config.rpc?.cookie?.path ?? "none"})`],
    ["Peers", node.config.p2p.listen.map(({ endpoint }) => formatEndpoint(endpoint)).join(", ")],
    ["Data", folder],
    ["Mining", mining],
    ["Wallet", walletText(payee)],
    ["Admin key", adminKeyText(adminKey)],
    ["Signatures", node.secp256k1.choose().description],
  ].map(([name, text]) => `  ${name!.padEnd(12)}${text}\n`);
  return `\nBitfleet ${VERSION}: a private Bitcoin network (${chain.name})\n\n${lines.join("")}\nCtrl-C stops it; the next start goes on with this chain.\n\n`;
}
