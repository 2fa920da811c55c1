import type { Command } from "commander";
import { inWallet, NETWORK_WALLET } from "../network/network-wallet.ts";
import { callPlain, type NamedTarget } from "../network/operations.ts";
import { DATA_HELP, type NodeChoice, nodeToAsk, PORT_HELP } from "./node-to-ask.ts";
import { portNumber } from "./port-number.ts";

/** Commands on the wallets of a network, or of a node, that runs. Each throws `Error` with what to do. */

/** The wallet that is meant where none is named. */
export const WALLET_NAME_DEFAULT = NETWORK_WALLET;

interface CommandOptions extends NodeChoice {
  readonly label?: string;
}

/** Adds the commands. */
export function addWalletCommands(program: Command): void {
  program
    .command("createwallet")
    .description("print a new address of a wallet of the network, which is made where there is none of that name")
    .option("--data <dir>", DATA_HELP)
    .option("--node <name>", "which node of a network has the wallet (default: miner-0)")
    .option("--rpc-port <port>", PORT_HELP, portNumber)
    .option("--label <text>", "what the address is for")
    .argument("[name]", "name of the wallet", WALLET_NAME_DEFAULT)
    .action(async (name: string, options: CommandOptions) =>
      runCreateWallet(await nodeToAsk(options), name, options.label),
    );
  program
    .command("listaddresses")
    .description("print the addresses that wallets of the network have given out")
    .option("--data <dir>", DATA_HELP)
    .option("--node <name>", "which node of a network has the wallets (default: miner-0)")
    .option("--rpc-port <port>", PORT_HELP, portNumber)
    .argument("[name]", "name of the wallet (default: all that are loaded)")
    .action(async (name: string | undefined, options: CommandOptions) =>
      runListAddresses(await nodeToAsk(options), name),
    );
}

/** `bitfleet createwallet`: prints a new address of the wallet, which is made or loaded where it is not there. */
export async function runCreateWallet(node: NamedTarget, name: string, label = ""): Promise<void> {
  await haveWallet(node, name);
  const address = await callPlain(inWallet(node, name), "getnewaddress", [label]);
  process.stdout.write(`Your new address: ${String(address)}\n`);
}

/** `bitfleet listaddresses`: prints the addresses that a wallet, or each that is loaded, has given out; one a line. */
export async function runListAddresses(node: NamedTarget, name: string | undefined): Promise<void> {
  const names = name === undefined ? ((await callPlain(node, "listwallets", [])) as string[]) : [name];
  for (const one of names) {
    const given = (await callPlain(inWallet(node, one), "listreceivedbyaddress", [0, true])) as { address: string }[];
    for (const { address } of given) process.stdout.write(`${address}\n`);
  }
}

async function haveWallet(node: NamedTarget, name: string): Promise<void> {
  const loaded = (await callPlain(node, "listwallets", [])) as string[];
  if (loaded.includes(name)) return;
  const { wallets } = (await callPlain(node, "listwalletdir", [])) as { wallets: { name: string }[] };
  const isThere = wallets.some((wallet) => wallet.name === name);
  if (isThere) await callPlain(node, "loadwallet", { filename: name, load_on_startup: true });
  else await callPlain(node, "createwallet", { wallet_name: name, load_on_startup: true });
}
