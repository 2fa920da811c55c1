import { execFile, execFileSync } from "node:child_process";
import { chmod, cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

/** What the scripts for Docker Compose do before an engine is asked for anything; test/containers runs them with a real one. */

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");
let folder: string;

/** An engine that has the image, and the volumes of the file "volumes". */
const DOCKER = `#!/bin/sh
echo "$*" >>"$STUB_FOLDER/calls"
case "$*" in
  "compose version --short") echo 2.26.1 ;;
  "volume ls"*) cat "$STUB_FOLDER/volumes" ;;
  "compose config --services") echo miner ;;
  "compose config --images") echo blockchain-node:1 ;;
  "compose config") echo "name: p" ;;
  "compose ps -aq miner") echo abc ;;
  inspect*container-number*) echo 1 ;;
  inspect*State.Running*) echo true ;;
  # Whoever waits for it loses patience.
  "stop "*) [ -e "$STUB_FOLDER/interrupted" ] || { touch "$STUB_FOLDER/interrupted"; kill -INT $PPID; } ;;
  *" secrets --format env") echo "BITCOIN_API_ADMIN_KEY=key" ;;
esac
`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet compose-"));
  await cp(join(ROOT, "deploy/compose"), join(folder, "deploy/compose"), {
    recursive: true,
    filter: (file) => !file.endsWith(".env"),
  });
  await cp(join(ROOT, "package.json"), join(folder, "package.json"));
  await writeFile(join(folder, "docker"), DOCKER);
  await chmod(join(folder, "docker"), 0o755);
  await writeFile(join(folder, "volumes"), "");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function up() {
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, STUB_FOLDER: folder, COMPOSE_PROJECT_NAME: "" };
  const outcome = await run(join(folder, "deploy/compose/up.sh"), [], { env }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  const read = (file: string) => readFile(join(folder, file), "utf8").catch(() => undefined);
  return { ...outcome, keys: await read("deploy/compose/.env"), calls: (await read("calls")) ?? "" };
}

test("up.sh makes keys once, in a folder with a space in its name too", async () => {
  const first = await up();
  expect(first.stderr).toBe("");
  expect(first.keys).toBe("BITCOIN_API_ADMIN_KEY=key\n\nCOMPOSE_PROJECT_NAME=bitfleet\n");
  expect(first.calls).toContain("compose up -d --wait");
  await rm(join(folder, "calls"));
  await writeFile(join(folder, "volumes"), "bitfleet_miner-data\nbitfleet_miner-wallets\n");
  const again = await up();
  expect(again.keys).toBe(first.keys);
  expect(again.calls).not.toContain("secrets");
  expect(again.calls).toContain("compose up -d --wait");
});

test("up.sh makes no new keys beside data that were made with others", async () => {
  await writeFile(join(folder, "volumes"), "bitfleet_miner-data\nbitfleet_miner-wallets\n");
  const { code, stderr, keys, calls } = await up();
  expect(code).toBe(1);
  expect(stderr).toMatch(/\.env is gone, .*project bitfleet has data .*\(bitfleet_miner-data bitfleet_miner-wallets\)/);
  expect(keys).toBeUndefined();
  expect(calls).not.toMatch(/^(run|compose up)/m);
});

test("checksums are made and looked at where there is shasum in place of sha256sum, as on macOS", async () => {
  const tools = join(folder, "tools");
  await cp(join(folder, "package.json"), join(tools, "file"));
  for (const name of ["bash", "dirname", "shasum"]) await symlink(whereIs(name), join(tools, name));
  const options = { cwd: tools, env: { PATH: tools } };
  const script = `. "${folder}/deploy/compose/lib.sh"; command -v sha256sum && exit 9; sha256 file >SUMS; sha256 --quiet --strict -c SUMS`;
  await run("/bin/bash", ["-c", script], options);
  expect(await readFile(join(tools, "SUMS"), "utf8")).toMatch(/^[0-9a-f]{64} {2}file\n$/);
  await writeFile(join(tools, "file"), "changed");
  await expect(run("/bin/bash", ["-c", script.replace("sha256 file >SUMS; ", "")], options)).rejects.toThrow();
});

test("backup.sh that is interrupted while a miner stops starts it again, and leaves nothing behind", async () => {
  await writeFile(join(folder, "deploy/compose/.env"), "");
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, STUB_FOLDER: folder };
  const target = join(folder, "backup");
  await expect(run(join(folder, "deploy/compose/backup.sh"), [target], { env })).rejects.toMatchObject({ code: 130 });
  const calls = (await readFile(join(folder, "calls"), "utf8")).trim().split("\n");
  expect(calls.slice(-3)).toEqual(["stop -t 60 abc", "stop -t 60 abc", "start abc"]);
  expect((await readdir(folder)).filter((name) => name.startsWith("backup"))).toEqual([]);
});

const whereIs = (name: string) =>
  execFileSync("/bin/sh", ["-c", `command -v ${name}`])
    .toString()
    .trim();
