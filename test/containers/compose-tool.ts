/** Compose v2 for the engine of the tests: the machine's own plugin, else Debian 13's, unpacked beside the engine and installed nowhere. */
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { debianMirror } from "./bases.ts";
import type { Engine } from "./engine.ts";
import { output, run } from "./shell.ts";

const SUITE = "trixie";
const PLUGIN = "usr/libexec/docker/cli-plugins/docker-compose";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Makes `docker compose` work with the engine's environment. Answers its version. */
export async function ensureCompose({ env }: Engine, root: string): Promise<string> {
  const version = () => run("docker", ["compose", "version", "--short"], { env, mayFail: true });
  const there = await version();
  if (there.code === 0 && !there.stdout.startsWith("1.")) return there.stdout.trim();
  await unpackPlugin(root, env.DOCKER_CONFIG!);
  return `${await output("docker", ["compose", "version", "--short"], { env })} of Debian's ${SUITE}`;
}

/** apt, led to directories of its own, finds the file in the mirror's index and holds its checksum against the signed one. */
async function unpackPlugin(root: string, config: string): Promise<void> {
  const work = path.join(root, "compose");
  for (const name of ["lists/partial", "archives/partial", "parts", "deb"])
    mkdirSync(path.join(work, name), { recursive: true });
  writeFileSync(path.join(work, "sources.list"), `deb [signed-by=${KEYRING}] ${debianMirror()} ${SUITE} main\n`);
  writeFileSync(path.join(work, "status"), "");
  const options = [
    ["Dir::Etc::sourcelist", path.join(work, "sources.list")],
    ["Dir::Etc::sourceparts", path.join(work, "parts")],
    ["Dir::Etc::preferencesparts", path.join(work, "parts")],
    ["Dir::State::lists", path.join(work, "lists")],
    ["Dir::State::status", path.join(work, "status")],
    ["Dir::Cache", work],
    ["Acquire::Languages", "none"],
    ["APT::Sandbox::User", "root"],
  ].flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await run("apt-get", [...options, "update", "-qq"]);
  await run("apt-get", [...options, "download", "-qq", "docker-compose"], { cwd: path.join(work, "deb") });
  const file = readdirSync(path.join(work, "deb")).find((name) => name.endsWith(".deb"));
  if (file === undefined) throw new Error("apt-get downloaded no docker-compose");
  await run("dpkg-deb", ["-x", path.join(work, "deb", file), path.join(work, "unpacked")]);
  const plugin = path.join(work, "unpacked", PLUGIN);
  if (!existsSync(plugin)) throw new Error(`${file} has no ${PLUGIN}`);
  mkdirSync(path.join(config, "cli-plugins"), { recursive: true });
  cpSync(plugin, path.join(config, "cli-plugins/docker-compose"));
}
