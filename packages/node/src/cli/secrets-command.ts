import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import type { NetworkName } from "@bitfleet/protocol/consensus/params.ts";
import { type Command, InvalidArgumentError, Option } from "commander";
import { systemRandom } from "../clock.ts";
import { NETWORK_FOLDERS } from "../config/files.ts";
import { makeSecrets, type NetworkSecrets } from "./make-secrets.ts";

interface SecretsOptions {
  readonly format: SecretsFormat;
  readonly network: NetworkName;
  readonly namespace: string;
  readonly out?: string;
}

const FORMATS = ["kubernetes", "env"] as const;
type SecretsFormat = (typeof FORMATS)[number];

const EXAMPLES = `
Examples:
  bitfleet secrets --format env --out .env       for Docker Compose
  bitfleet secrets --out secrets.yaml            for Kubernetes: kubectl apply -f secrets.yaml
  bitfleet secrets | kubectl create -f -         the same without a file; keep the phrase that the cluster has then
`;

const NOTE =
  "TREASURY_MNEMONIC is the treasury: its 24 words make the wallet that all mined coins go to. Write them down on paper, apart " +
  "from these machines; whoever reads them has the coins, and without them the coins are lost with the wallet node's volume. " +
  "Keep this out of every repository. Made once: another run makes another treasury.\n";

/** `bitfleet secrets`. */
export function addSecretsCommand(program: Command): void {
  program
    .command("secrets")
    .description("make the keys, passwords and treasury of a network in containers, and print them")
    .addOption(
      new Option("--format <format>", "a Secret of Kubernetes, or Docker Compose's .env")
        .choices(FORMATS)
        .default("kubernetes"),
    )
    .addOption(
      new Option("--network <name>", "of the treasury's address")
        .choices(Object.keys(NETWORK_FOLDERS))
        .default("regtest"),
    )
    .option("--namespace <name>", "of the Secret", namespace, "blockchain")
    .option("--out <file>", "write them to a new file, for its owner alone")
    .addHelpText("after", EXAMPLES)
    .action((options: SecretsOptions) => runSecrets(options));
}

function runSecrets({ format, network, namespace, out }: SecretsOptions): void {
  const secrets = makeSecrets(networkByName(network)!, systemRandom);
  const text = format === "env" ? environmentFile(secrets) : kubernetesSecret(secrets, namespace);
  if (out === undefined) process.stdout.write(text);
  else {
    writeNew(resolve(out), text);
    process.stdout.write(`Written to ${resolve(out)}.\n`);
  }
  process.stderr.write(NOTE);
}

/** As `kubectl` takes it. JSON's quotes are YAML's, and keep digits with an `e` among them from being a number. */
export function kubernetesSecret(secrets: NetworkSecrets, namespace: string): string {
  const lines = Object.entries(secrets).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`);
  const head = { apiVersion: "v1", kind: "Secret" };
  return [
    ...Object.entries(head).map(([name, value]) => `${name}: ${value}\n`),
    `metadata:\n  name: blockchain-secrets\n  namespace: ${JSON.stringify(namespace)}\ntype: Opaque\nstringData:\n`,
    ...lines,
  ].join("");
}

/** As Docker Compose and a shell read it: between single quotes nothing has another meaning, and no value has one in it. */
export function environmentFile(secrets: NetworkSecrets): string {
  return Object.entries(secrets)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join("");
}

/** Throws `Error` where there is a file: it may hold the only copy of a treasury. */
function writeNew(path: string, text: string): void {
  let fd: number;
  try {
    fd = openSync(path, "wx", 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST") throw new Error(`${path} cannot be written (${code}).`);
    throw new Error(
      `${path} is there already, and is not overwritten: it may hold a treasury. Name another file with --out.`,
    );
  }
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } catch (error) {
    // A part of it would pass for a treasury.
    rmSync(path, { force: true });
    throw new Error(`${path} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  } finally {
    closeSync(fd);
  }
}

function namespace(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError("A name of small letters, digits and dashes is expected.");
}
