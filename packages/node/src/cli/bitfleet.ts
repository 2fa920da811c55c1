import { Command, CommanderError, InvalidArgumentError } from "commander";
import { machineEnvironment } from "../machine.ts";
import type { NodePrograms } from "../node.ts";
import { VERSION } from "../version.ts";
import { runBitcoinCli } from "./bitcoin-cli.ts";
import { runDoctor } from "./doctor.ts";
import { DATA_FOLDER_DEFAULT, showStatus, stopNetwork, targetArguments } from "./running-network.ts";
import { runUp, type UpOptions } from "./up.ts";

const UP_EXAMPLES = `
Examples:
  bitfleet up                                    go on with the network in ./${DATA_FOLDER_DEFAULT}, or begin one
  bitfleet up --interval 1                       a block about every second
  bitfleet up --data /tmp/other --port 8081 --rpc-port 18453
                                                 a second network beside the first
  bitfleet up --no-mining                        blocks only when asked for:
  bitfleet rpc generatetoaddress 1 <address>
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
    .description("start a private network: a mining node with its web page; Ctrl-C stops it")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--interval <seconds>", "mean time between blocks", positiveNumber, 10)
    .option("--port <port>", "port of the web page", portNumber, 8080)
    .option("--rpc-port <port>", "port of JSON-RPC", portNumber, 18443)
    .option("--host <address>", "address of the web page", "127.0.0.1")
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
    .command("rpc")
    .description("call a JSON-RPC method of the network, or of the node that bitcoin-cli options name")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .allowUnknownOption()
    .passThroughOptions()
    .argument("<method>", "method, or bitcoin-cli options and a method")
    .argument("[parameters...]", "its parameters, by place; by name behind -named")
    .addHelpText("after", RPC_EXAMPLES)
    .action(async (_method: string, _parameters: string[], options: { data: string }, command: Command) => {
      const words = command.args;
      // Options of bitcoin-cli say which node is meant.
      const target = words[0]?.startsWith("-") ? [] : targetArguments(options.data);
      finish(target === undefined ? 1 : await runBitcoinCli([...target, ...words], machineEnvironment()));
    });
  program
    .command("status")
    .description("say whether the network runs, its height and its addresses")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .action(async (options: { data: string }) => finish(await showStatus(options.data)));
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

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new InvalidArgumentError("A port from 1 to 65535 is expected.");
  return port;
}
