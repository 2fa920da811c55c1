import { Argument, Command, CommanderError, InvalidArgumentError } from "commander";
import { hasRole } from "../config/container/variables.ts";
import { machineEnvironment } from "../machine.ts";
import { MINER_PACINGS, type MinerPacing } from "../mining/miner.ts";
import type { NodePrograms } from "../node.ts";
import { VERSION } from "../version.ts";
import { runBitcoinCli } from "./bitcoin-cli.ts";
import { runHealth } from "./container-health.ts";
import { addDesktopCommands } from "./desktop-commands.ts";
import { runDoctor } from "./doctor.ts";
import { DATA_FOLDER_DEFAULT, stopNetwork, targetArguments } from "./find-network.ts";
import { addKeysCommands } from "./keys-command.ts";
import { type MinerOptions, runMiner } from "./miner-command.ts";
import {
  runFaucet,
  runHeal,
  runMine,
  runPartition,
  runReorg,
  runRestart,
  runRevert,
  runSnapshot,
  runSnapshots,
  runTime,
} from "./network-commands.ts";
import { DATA_HELP, type NodeChoice, nodeToAsk, PORT_HELP } from "./node-to-ask.ts";
import { portNumber } from "./port-number.ts";
import { printChain, toStandardOutput } from "./print-chain.ts";
import { addSecretsCommand } from "./secrets-command.ts";
import { showStatus } from "./status.ts";
import { runUp } from "./up.ts";
import type { UpOptions } from "./up-options.ts";
import { addWalletCommands } from "./wallet-commands.ts";

const UP_EXAMPLES = `
Examples:
  bitfleet up                                    go on with the network in ./${DATA_FOLDER_DEFAULT}, or begin one
  bitfleet up --interval 1                       a block about every second
  bitfleet up --signet --interval 30             a custom signet with a block about every 30 s
  bitfleet up --signet-key signet-key.txt        one whose blocks are signed with a key that you have
  bitfleet up --miners 3 --webservers 2          five nodes, each a process: miners in a chain, web servers on them
  bitfleet up --data /tmp/other --port 8081 --rpc-port 18453
                                                 a second network beside the first
  bitfleet up --no-mining                        blocks only when asked for:
  bitfleet rpc generatetoaddress 1 <address>
`;

const MINER_EXAMPLES = `
Examples:
  bitfleet miner                                 what each miner does, and what it has found
  bitfleet miner off                             stop: blocks only when asked for
  bitfleet miner interval 5                      a block about every 5 s, whatever the number of miners
  bitfleet miner on-transaction --node miner-1   this one only when a transaction waits
`;

const SNAPSHOT_EXAMPLES = `
Examples:
  bitfleet snapshot base                         chain, mempool and mocked time of all nodes, under the name "base"
  bitfleet revert base                           back to it, as often as wanted
  bitfleet snapshots                             what there is to go back to; --remove NAME takes one away
`;

const START_NODE_EXAMPLES = `
Examples:
  bitfleet startnode yes no local -datadir=/tmp/miner -- bcrt1q...
                                                 the first miner of a regtest network, at port 2001
  bitfleet startnode no yes 192.0.2.7:2001       a web server, its page at port 8080 of every address
`;

const RPC_EXAMPLES = `
Examples:
  bitfleet rpc getblockchaininfo                 of the network in ./${DATA_FOLDER_DEFAULT}
  bitfleet rpc help getblock                     what a method takes and answers
  bitfleet rpc -regtest -datadir=/tmp/n -named getblockhash height=1
                                                 of another node: bitcoin-cli options say which
`;

/** `bitfleet <command>`: returns the exit code. */
export async function runBitfleet(args: readonly string[], programs: NodePrograms): Promise<number> {
  let exitCode = 0;
  const program = programOf(programs, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`Error: ${(error as Error).message}\n`);
    return 1;
  }
  return exitCode;
}

function programOf(programs: NodePrograms, finish: (exitCode: number) => void): Command {
  const program = new Command("bitfleet")
    .description("A Bitcoin network you can run anywhere")
    .version(VERSION)
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError("(bitfleet --help shows all commands)")
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "Error: ")) });

  program
    .command("up")
    .description("start a private network: a mining node with its web page, or many nodes; Ctrl-C stops it")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--interval <seconds>", "mean time between blocks", positiveNumber, 10)
    .option("--port <port>", "port of the web page", portNumber, 8080)
    .option("--rpc-port <port>", "port of JSON-RPC", portNumber, 18443)
    .option("--host <address>", "address of the web page", "127.0.0.1")
    .option("--miners <n>", "miners, each a process (default: one, which serves the page too)", count)
    .option(
      "--webservers <n>",
      "web servers, each a process; their pages are at --port and the ports behind it",
      countOrZero,
    )
    .option("--signet", "a signet of its own, with real proof of work and signed blocks, instead of regtest")
    .option(
      "--signet-key <key>",
      "begin that signet with this key: a file with a descriptor or private key, or either itself (which others can see in the list of processes)",
    )
    .option("--no-mining", "mine the first blocks only")
    .addHelpText("after", UP_EXAMPLES)
    .action(async (options: UpOptions) => finish(await runUp(options, programs)));
  program
    .command("node")
    .description("run one node with bitcoind's options (bitfleet node -help)")
    .helpOption(false)
    .allowUnknownOption()
    .argument("[options...]");
  program
    .command("startnode")
    .description(
      "run one node in the foreground, with the roles of a container; bitcoind's options may stand among the words",
    )
    .allowUnknownOption()
    .argument("<is_miner>", "yes or no")
    .argument("<is_web_server>", "yes or no")
    .argument("<connect_nodes...>", "local, or host:port of each node to connect to")
    .usage("<is_miner> <is_web_server> <connect_nodes...> [-- <mining address>]")
    .addHelpText("after", START_NODE_EXAMPLES);
  program
    .command("rpc")
    .description("call a JSON-RPC method of the network, or of the node that bitcoin-cli options name")
    .option(
      "--data <dir>",
      `where the network is kept (default: the node of this container, else ${DATA_FOLDER_DEFAULT})`,
    )
    .option("--node <name>", "which node of the network (default: miner-0)")
    .allowUnknownOption()
    .passThroughOptions()
    .argument("<method>", "method, or bitcoin-cli options and a method")
    .argument("[parameters...]", "its parameters, by place; by name behind -named")
    .addHelpText("after", RPC_EXAMPLES)
    .action(async (_method: string, _parameters: string[], { data, node }: NodeChoice, command: Command) => {
      const words = command.args;
      const isOfContainer = data === undefined && node === undefined && hasRole(process.env);
      // Options of bitcoin-cli say which node is meant.
      const isOfNetwork = !isOfContainer && !words[0]?.startsWith("-");
      const target = isOfNetwork ? targetArguments(data ?? DATA_FOLDER_DEFAULT, node) : [];
      finish(await runBitcoinCli([...target, ...words], machineEnvironment(), isOfContainer ? process.env : {}));
    });
  program
    .command("status")
    .description("say whether the network runs, and each node's height, peers and addresses")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--json", "for programs", false)
    .action(async (options: { data: string; json: boolean }) => finish(await showStatus(options.data, options.json)));
  program
    .command("mine")
    .description("mine blocks at once")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--node <name>", "which node mines", "miner-0")
    .option("--address <address>", "where the coins go (default: the network's wallet)")
    .argument("<count>", "how many", count)
    .action((blocks: number, options: { data: string; node: string; address?: string }) =>
      runMine(options.data, blocks, options),
    );
  program
    .command("miner")
    .description(
      "say what the miners do, or tell them what to do from now on (a restarted node does as it was started)",
    )
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--node <name>", "which node alone (default: all miners)")
    .option("--address <address>", "where the coins go (default: as before, or the network's wallet)")
    .addArgument(new Argument("[pacing]", "when blocks are made").choices(MINER_PACINGS))
    .argument("[seconds]", "with interval: mean time between blocks of all miners together", positiveNumber)
    .addHelpText("after", MINER_EXAMPLES)
    .action((pacing: MinerPacing | undefined, seconds: number | undefined, options: MinerOptions & { data: string }) =>
      runMiner(options.data, pacing, seconds, options),
    );
  program
    .command("partition")
    .description("separate groups of nodes, which then go on by themselves")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .argument("<groups...>", "as 'miner-0,miner-1 | miner-2', in quotes; who is not named is in one more group")
    .action((groups: readonly string[], options: { data: string }) => runPartition(options.data, groups.join(" ")));
  program
    .command("heal")
    .description("end a partition and wait until all nodes agree")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .action((options: { data: string }) => runHeal(options.data));
  program
    .command("reorg")
    .description("replace the last blocks by others, one more, and wait until all nodes agree")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--node <name>", "which node mines", "miner-0")
    .argument("<depth>", "how many blocks are replaced", count)
    .action((depth: number, options: { data: string; node: string }) => runReorg(options.data, depth, options.node));
  program
    .command("time")
    .description("have all nodes of a regtest network believe that it is another time, which then stands still")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .argument("<change>", "+2h (also s, m, d, w), 2030-01-01T00:00:00Z, @1900000000, or reset for the real time")
    .action((change: string, options: { data: string }) => runTime(options.data, change));
  program
    .command("faucet")
    .description("send coins that the network has mined to an address")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--mine <n>", "mine so many blocks on it at once, so that it is confirmed", count)
    .option("--node <name>", "which node sends (default: the first that answers)")
    .argument("<address>", "who gets them")
    .argument("[amount]", "how much, in BTC", "1")
    .action((address: string, amount: string, options: { data: string; mine?: number; node?: string }) =>
      runFaucet(options.data, address, amount, options),
    );
  program
    .command("snapshot")
    .description("keep what all nodes have now: chain, mempool and mocked time")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .argument("[name]", "how it is called; one of that name is replaced (default: the next number)")
    .addHelpText("after", SNAPSHOT_EXAMPLES)
    .action((name: string | undefined, options: { data: string }) => runSnapshot(options.data, name));
  program
    .command("snapshots")
    .description("list the snapshots, the oldest first, or remove one")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--remove <name>", "remove this one")
    .option("--json", "for programs", false)
    .action((options: { data: string; remove?: string; json: boolean }) => runSnapshots(options.data, options));
  program
    .command("revert")
    .description("take all nodes back to a snapshot, which stays for the next time; ends a partition")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .argument("<name>", "which one, as bitfleet snapshots lists it")
    .action((name: string, options: { data: string }) => runRevert(options.data, name));
  program
    .command("restart")
    .description("stop one node and start it again")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .argument("<node>", "its name, as bitfleet status shows it")
    .action((name: string, options: { data: string }) => runRestart(options.data, name));
  program
    .command("printchain")
    .description("print the blocks of the chain with their transactions, from the tip to the first")
    .option("--data <dir>", DATA_HELP)
    .option("--node <name>", "which node of a network (default: miner-0)")
    .option("--rpc-port <port>", PORT_HELP, portNumber)
    .option("--count <n>", "no more than so many blocks", count)
    .action(async ({ count: most = Number.POSITIVE_INFINITY, ...choice }: NodeChoice & { count?: number }) =>
      printChain(await nodeToAsk(choice), most, toStandardOutput),
    );
  addWalletCommands(program);
  addDesktopCommands(program, finish);
  addKeysCommands(program);
  addSecretsCommand(program);
  program
    .command("health")
    .description("in a container: say whether its node is ready, by the exit code and by why not")
    .option("--live", "whether it is of any use, and not to be replaced", false)
    .action(async ({ live }: { live: boolean }) => finish(await runHealth(live ? ["--live"] : [], process.env)));
  program
    .command("down")
    .description("stop the network")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .action(async (options: { data: string }) => finish(await stopNetwork(options.data)));
  program
    .command("doctor")
    .description("look at what this machine offers and say what is missing")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .action(async (options: { data: string }) => finish(await runDoctor(options.data)));
  return program;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError("A number above zero is expected.");
  return value;
}

function countOrZero(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("A whole number is expected.");
  return Number(text);
}

function count(text: string): number {
  const value = countOrZero(text);
  if (value === 0) throw new InvalidArgumentError("A whole number above zero is expected.");
  return value;
}
