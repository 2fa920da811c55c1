import { renameSync, rmSync, writeFileSync } from "node:fs";
import { Chain } from "./chain/chain.ts";
import { ScriptMemory } from "./chain/script-memory.ts";
import { ScriptPool } from "./chain/script-pool.ts";
import { SystemClock, systemRandom } from "./clock.ts";
import type { NodeConfig } from "./config/config.ts";
import { signetMagicText } from "./config/network.ts";
import type { RpcConfig } from "./config/rpc.ts";
import { ConfigError } from "./config/settings.ts";
import { installHostAead } from "./crypto/host-aead.ts";
import { installHostSha256 } from "./crypto/host-hash.ts";
import { lockDirectory } from "./directory-lock.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { makeHandlers, restOf } from "./make-handlers.ts";
import { hasHeardPeer } from "./p2p/heard-peer.ts";
import type { Clock, Logger, ScriptVerifier } from "./ports.ts";
import { carryOutRevertOrder } from "./revert-order.ts";
import type { RunningNode } from "./running-node.ts";
import { RpcMeter } from "./server/metrics/rpc-meter.ts";
import { cookieCredential, passwordCredential, type RpcCredential } from "./server/rpc/auth.ts";
import type { RpcServer } from "./server/rpc/rpc-server.ts";
import { webNodeOf } from "./server/web/web-state.ts";
import { ShellNotify } from "./shell-notify.ts";
import { SignatureBackend } from "./signature-backend.ts";
import { startFees } from "./start-fees.ts";
import { startAddressBook, startIndexes } from "./start-indexes.ts";
import { beginLoading, startMempool } from "./start-mempool.ts";
import { startMining } from "./start-mining.ts";
import { startP2p } from "./start-p2p.ts";
import { startTraffic } from "./start-traffic.ts";
import { startWallets } from "./start-wallets.ts";
import { startProbes, startTipStanding, startWeb, type WebPrograms } from "./start-web.ts";
import { startZmq } from "./start-zmq.ts";
import { makeDirectory } from "./storage/make-directory.ts";
import { Telemetry } from "./telemetry.ts";
import { VERSION } from "./version.ts";

/** When the signature library is loaded, behind the start. */
const SIGNATURES_DELAY_MS = 100;

/** What the launcher knows of its own files. */
export interface NodePrograms extends WebPrograms {
  /** The bundled script worker; the source file where absent. */
  readonly scriptWorkerUrl?: URL;
  /** The bundled hash worker; likewise. */
  readonly hashWorkerUrl?: URL;
  /** Told of what the chain does while it opens; `percent` is 0 where it cannot be known. */
  readonly onProgress?: (step: string, percent: number) => void;
  /** Calls back whenever the log is to go on in a new file; returns what ends that. Absent where the process is not the node's own. */
  readonly followLogRotation?: (reopen: () => void) => () => void;
}

/**
 * Puts a node together and starts it: directories, log, listeners, chain, miner, in this order. Every step that began is
 * undone by `lifecycle.stopAll`, in reverse. Throws what {@link operatorMessage} puts into words.
 */
export async function startNode(
  config: NodeConfig,
  lifecycle: Lifecycle,
  programs: NodePrograms = {},
): Promise<RunningNode> {
  const clock = new SystemClock();
  clock.setMockTime(config.mockTimeSeconds);
  const telemetry = await startOnDisk(config, lifecycle, clock, programs.followLogRotation);
  const log = telemetry.logger("init");
  writeFirstLines(config, log);

  const hasMetrics = config.web?.hasMetrics ?? config.probeListen !== undefined;
  const rpcMeter = hasMetrics ? new RpcMeter() : undefined;
  const httpTools = { clock, log: telemetry.logger("http"), meter: rpcMeter };
  const rpc = config.rpc && (await startRpc(config.rpc, lifecycle, httpTools));
  const webTools = { clock, log: telemetry.logger("web"), rpcMeter };
  const web = await startWeb(config, lifecycle, webTools, programs);
  const probes = await startProbes(config, lifecycle, webTools);

  installHostSha256();
  installHostAead();
  const secp256k1 = new SignatureBackend(config.secp256k1);
  const scriptVerifier = await startScripts(config, lifecycle, { secp256k1, log: telemetry.logger("chain"), programs });
  const memory = new ScriptMemory(config.scriptMemoryBytes);
  const chain = await startChain(config, lifecycle, {
    clock,
    log: telemetry.logger("chain"),
    rpc,
    secp256k1,
    scriptVerifier: memory.recalling(scriptVerifier),
    programs,
  });

  const hadBlocks = chain.height > 0;

  const indexes = await startIndexes(config, lifecycle, { chain, clock, log: telemetry.logger("index") });

  if (config.chain.prune !== undefined) await chain.startPruning();

  const { mempool, keeper } = await startMempool(config, lifecycle, {
    chain,
    scriptVerifier: memory.remembering(scriptVerifier),
    clock,
    log: telemetry.logger("mempool"),
  });
  const finishRevert = await carryOutRevertOrder(config.networkDir, {
    ...{ chain, mempool, log },
    saveMempool: () => keeper.save(),
  });
  const addresses = await startAddressBook(indexes.addresses, lifecycle, { chain, mempool });
  const fees = await startFees(config, lifecycle, { chain, mempool, clock, log: telemetry.logger("fees") });
  const p2p = await startP2p(config, lifecycle, {
    chain,
    mempool,
    filterIndex: indexes.blockFilters,
    clock,
    telemetry,
  });
  const wallets = await startWallets(config, lifecycle, {
    ...{ chain, mempool, indexes, p2p, clock, secp256k1 },
    log: telemetry.logger("wallet"),
  });
  const { generator, miner } = await startMining(config, lifecycle, {
    chain,
    mempool,
    wallets,
    clock,
    secp256k1: secp256k1.backend,
    log: telemetry.logger("miner"),
    hasHeardPeer: () => hasHeardPeer(p2p),
    workerUrl: programs.hashWorkerUrl,
  });
  const node: RunningNode = {
    config,
    chain,
    indexes,
    addresses,
    mempool,
    fees,
    mempoolKeeper: keeper,
    p2p,
    wallets,
    generator,
    miner,
    clock,
    log,
    rpcAddresses: rpc?.addresses ?? [],
    webAddress: web?.address,
    secp256k1,
    scripts: scriptVerifier,
  };
  const zmq = await startZmq(config.zmq, lifecycle, { chain, mempool, log: telemetry.logger("zmq") });
  beginLoading(keeper, lifecycle, () => {
    p2p.network.announcements.mempoolLoaded();
    return finishRevert(wallets);
  });
  const tipStanding = await startTipStanding(web ?? probes, lifecycle, { chain, p2p, clock, hadBlocks });
  if (rpc || web || probes) {
    const handlers = await makeHandlers(node, zmq, lifecycle, telemetry, clock);
    rpc?.ready(handlers, await restOf(node, handlers, httpTools.log));
    const webNode = { ...node, handlers, tipStanding, secp256k1: secp256k1.backend };
    for (const server of [web, probes]) server?.ready(webNodeOf(webNode));
  }
  log.info("init message: Done loading");
  log.info("Done loading");
  await lifecycle.start(
    "notifications",
    () => beginNotifications(node),
    (notify) => notify.end(),
  );
  if (web && config.web) {
    const { drainSeconds } = config.web;
    await startTraffic(drainSeconds, lifecycle, { web, network: p2p.network, clock, log: webTools.log });
  }
  announceSignatures(node, lifecycle);
  return node;
}

function beginNotifications({ config, chain, log }: RunningNode): ShellNotify {
  const notify = new ShellNotify(config.notify, log.child("notify"));
  notify.begin(chain);
  return notify;
}

/** Soon after the start, so that the first block with scripts does not wait for it. */
function announceSignatures({ secp256k1, log }: RunningNode, lifecycle: Lifecycle): void {
  const timer = setTimeout(() => {
    const { description, hint } = secp256k1.choose();
    log.info(`Using ${description} for signatures`);
    if (hint !== undefined) log.info(hint);
  }, SIGNATURES_DELAY_MS);
  lifecycle.signal.addEventListener("abort", () => clearTimeout(timer));
}

/** Directories, their locks, the log and the file of the process id. */
async function startOnDisk(
  config: NodeConfig,
  lifecycle: Lifecycle,
  clock: SystemClock,
  followLogRotation: NodePrograms["followLogRotation"] = () => () => {},
): Promise<Telemetry> {
  makeDirectory(config.blocksDir);
  const directories = [...new Set([config.networkDir, config.blocksDir])];
  for (const path of directories) {
    await lifecycle.start(
      "directory lock",
      () => lockDirectory(path),
      (lock) => lock.release(),
    );
  }
  const telemetry = new Telemetry(config.log, () => clock.mockTimeSeconds);
  await lifecycle.start(
    "log",
    () => openLog(telemetry, config.log.file),
    () => closeLog(telemetry),
  );
  await lifecycle.start(
    "log rotation",
    () => followLogRotation(() => telemetry.reopen()),
    (unfollow) => unfollow(),
  );
  const { pidFile } = config;
  if (pidFile !== undefined) {
    await lifecycle.start(
      "process id file",
      () => writePidFile(pidFile),
      () => rmSync(pidFile, { force: true }),
    );
  }
  return telemetry;
}

function openLog(telemetry: Telemetry, path: string | undefined): void {
  try {
    telemetry.open();
  } catch {
    throw new ConfigError(`Could not open debug log file ${path}`);
  }
}

function closeLog(telemetry: Telemetry): void {
  telemetry.logger("shutoff").info("Shutdown done");
  telemetry.close();
}

function writePidFile(path: string): void {
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    throw new ConfigError(`Unable to create the PID file '${path}': ${(error as NodeJS.ErrnoException).code}`);
  }
}

function writeFirstLines(config: NodeConfig, log: Logger): void {
  log.info(`Bitfleet version v${VERSION} (Node.js ${process.version}, ${process.platform} ${process.arch})`);
  log.info(`Using data directory ${config.networkDir}`);
  for (const line of config.logLines) log.info(line);
  for (const warning of [...config.warnings, ...config.logWarnings]) log.warn(warning);
  if (config.network.name === "signet") log.info(signetMagicText(config.network));
}

interface ServerTools {
  readonly clock: Clock;
  readonly log: Logger;
}

interface RpcTools extends ServerTools {
  readonly meter: RpcMeter | undefined;
}

async function startRpc(config: RpcConfig, lifecycle: Lifecycle, tools: RpcTools): Promise<RpcServer> {
  const { createRpcServer } = await import("./server/rpc/rpc-server.ts");
  const credentials: RpcCredential[] = [...config.credentials];
  if (config.password) {
    credentials.push(passwordCredential(config.password.user, config.password.password, systemRandom));
  }
  const cookie = config.cookie && cookieCredential(systemRandom);
  if (cookie) credentials.push(cookie.credential);
  const server = createRpcServer({ ...config, credentials }, tools);
  const listening = await lifecycle.start(
    "JSON-RPC server",
    () => listen(server),
    () => server.close(),
  );
  const { cookie: file } = config;
  if (cookie && file) {
    await lifecycle.start(
      "cookie",
      () => writeCookie(file, cookie.line),
      () => rmSync(file.path, { force: true }),
    );
  }
  return listening;
}

async function listen<Server extends { listen(): Promise<void> }>(server: Server): Promise<Server> {
  await server.listen();
  return server;
}

/** Written beside and renamed, so that a client never reads half a cookie. */
function writeCookie(file: { readonly path: string; readonly mode: number }, line: string): void {
  const temporary = `${file.path}.tmp`;
  try {
    rmSync(temporary, { force: true });
    writeFileSync(temporary, line, { mode: file.mode });
    renameSync(temporary, file.path);
  } catch (error) {
    throw new ConfigError(`Unable to write the cookie file ${file.path}: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

interface ScriptTools {
  readonly secp256k1: SignatureBackend;
  readonly log: Logger;
  readonly programs: NodePrograms;
}

/** The threads that check scripts, of blocks and of the mempool. */
function startScripts(config: NodeConfig, lifecycle: Lifecycle, tools: ScriptTools): Promise<ScriptPool> {
  const { secp256k1, log, programs } = tools;
  const workerUrl = programs.scriptWorkerUrl;
  return lifecycle.start(
    "script workers",
    () =>
      new ScriptPool(
        { threadCount: config.scriptThreads, preference: config.secp256k1, ...(workerUrl ? { workerUrl } : {}) },
        { secp256k1: secp256k1.backend, log: log.child("scriptch") },
      ),
    (pool) => pool.close(),
  );
}

interface ChainTools extends ServerTools {
  readonly rpc: RpcServer | undefined;
  readonly secp256k1: SignatureBackend;
  readonly scriptVerifier: ScriptVerifier;
  readonly programs: NodePrograms;
}

async function startChain(config: NodeConfig, lifecycle: Lifecycle, tools: ChainTools): Promise<Chain> {
  const { clock, log, rpc, secp256k1, scriptVerifier, programs } = tools;
  const open = () =>
    Chain.open(
      {
        ...definedOnly(config.chain),
        network: config.network,
        dataPath: config.networkDir,
        blocksPath: config.blocksDir,
      },
      {
        clock,
        log,
        scriptVerifier,
        secp256k1: secp256k1.backend,
        onProgress: (step, percent) => {
          rpc?.warmUp(percent > 0 ? `${step} ${Math.floor(percent)}%` : step);
          programs.onProgress?.(step, percent);
        },
        onStopHeight: () => lifecycle.requestStop(),
        onFatal: (error) => lifecycle.fail(error),
        signal: lifecycle.signal,
      },
    );
  return lifecycle.start("chain", open, (chain) => chain.close());
}

type Defined<Fields> = { [Name in keyof Fields]: Exclude<Fields[Name], undefined> };

/** Leaves out what is `undefined`, so that the chain's own defaults apply. */
function definedOnly<Fields extends object>(fields: Fields): Partial<Defined<Fields>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Defined<Fields>
  >;
}
