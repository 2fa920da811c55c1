/**
 * The runner of Core's functional tests, held against a stand-in for Core's tree: a few lines of Python for each way in which
 * a script can end. Core's own scripts need its source and run with `npm run conformance`.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const RUNNER = resolve(import.meta.dirname, "../../scripts/conformance.mjs");
const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython) console.warn("python3 is missing: the conformance runner is not tested");

const PREAMBLE = `
import configparser, os, sys
args = dict(a[2:].split("=", 1) if "=" in a else (a[2:], "") for a in sys.argv[1:])
config = configparser.ConfigParser()
config.read_file(open(args["configfile"]))
os.makedirs(args["tmpdir"])
`;
const SCRIPTS: Readonly<Record<string, string>> = {
  create_cache: "os.makedirs(args['cachedir'])\n",
  p2p_good: `# setup_clean_chain = True
assert all(config["components"].getboolean(name) for name in ["ENABLE_BITCOIND", "ENABLE_WALLET"])
assert os.path.isfile(os.environ["BITCOIND"]) and os.path.isfile(os.environ["BITCOINCLI"])
assert config["environment"]["SRCDIR"] == os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
print("arguments:", sorted(k for k in args if k.startswith("v")))
`,
  p2p_cached: "assert os.path.isdir(args['cachedir'])\n",
  p2p_bad: `# setup_clean_chain = True
print("before")
print("AssertionError: 1 != 2 | <b>")
print("2026-01-01Z TestFramework (INFO): Not stopping nodes as test failed.")
print("after")
sys.exit(1)
`,
  p2p_skipped: `# setup_clean_chain = True
print("2026-01-01Z TestFramework (WARNING): Test Skipped: wallet has not been compiled.")
sys.exit(77)
`,
  // A child that outlives the script, as a node does when a script breaks off.
  p2p_hanging: `# setup_clean_chain = True
import subprocess, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(os.path.join(os.path.dirname(os.path.dirname(args["configfile"])), "child.pid"), "w").write(str(child.pid))
time.sleep(600)
`,
};
const LIST = `EXTENDED_SCRIPTS = [
    'feature_other.py',
]
BASE_SCRIPTS = [
    # a comment's 'word'
    'p2p_good.py --v1transport',
    'p2p_good.py --v2transport',
    'p2p_cached.py',
]
`;

let folder: string;
let tree: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-conformance-test-"));
  tree = join(folder, "core");
  const functional = join(tree, "test/functional");
  mkdirSync(functional, { recursive: true });
  writeFileSync(join(functional, "test_runner.py"), LIST);
  for (const [name, text] of Object.entries(SCRIPTS)) writeFileSync(join(functional, `${name}.py`), PREAMBLE + text);
  writeFileSync(join(tree, "CMakeLists.txt"), "set(CLIENT_VERSION_MAJOR 31)\nset(CLIENT_VERSION_MINOR 99)\n");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function conformance(args: readonly string[], env: NodeJS.ProcessEnv = { CORE_SRC: tree }): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [RUNNER, "--no-build", ...args], {
      env: { PATH: process.env.PATH, TMPDIR: folder, ...env },
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    child.on("close", (code) => done({ code, out, err }));
  });
}

const leftFolders = () => readdirSync(folder).filter((name) => /^bitfleet-conformance-(?!test)/.test(name));
const linesOf = (text: string) => text.trimEnd().split("\n");
/** Result lines without what the machine decides. */
const resultsOf = ({ out }: Ended) => {
  return linesOf(out)
    .filter((line) => line.startsWith("bitfleet: "))
    .map((line) => line.replace(/^bitfleet: /, "").replace(/ +\d+ s {2}/, " "));
};

describe("before anything runs", () => {
  test.each([
    [{}, "set CORE_SRC to a Bitcoin Core source tree"],
    [{ CORE_SRC: "/nowhere" }, "CORE_SRC=/nowhere is no Bitcoin Core source tree"],
  ])("%j is refused in one sentence", async (env, message) => {
    const { code, err } = await conformance([], env);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(linesOf(err)).toHaveLength(1);
  });

  test("an unknown script and bad options are refused", async () => {
    expect((await conformance(["p2p_nothing"])).err).toContain("no script of Core is named p2p_nothing");
    expect((await conformance(["--jobs", "0", "p2p_good"])).err).toContain(
      "--jobs=0: a whole number from 1 is expected",
    );
    expect((await conformance(["--jbos", "2"])).code).toBe(1);
  });

  test("--list: a bare name stands for every listed variant, one with arguments for itself", async () => {
    const list = async (...args: string[]) => linesOf((await conformance(["--list", ...args])).out);
    expect(await list("p2p_good.py")).toEqual(["p2p_good --v1transport", "p2p_good --v2transport"]);
    expect(await list("p2p_good --v2transport", "p2p_bad")).toEqual(["p2p_good --v2transport", "p2p_bad"]);
    expect(await list("--all-p2p")).toEqual(["p2p_good --v1transport", "p2p_good --v2transport", "p2p_cached"]);
  });
});

describe.skipIf(!hasPython)("a run", () => {
  test("all passed: exit code 0 and nothing left behind", async () => {
    const ended = await conformance(["--jobs", "2", "p2p_good", "p2p_cached"]);
    expect(resultsOf(ended).sort()).toEqual([
      "3 passed, 0 failed, 0 skipped",
      "PASS p2p_cached",
      "PASS p2p_good --v1transport",
      "PASS p2p_good --v2transport",
    ]);
    expect(ended.code).toBe(0);
    expect(leftFolders()).toEqual([]);
  });

  test("a failure shows what its output ends with and keeps its folder; a skip is no failure", async () => {
    const ended = await conformance(["p2p_skipped", "p2p_bad"]);
    expect(resultsOf(ended)).toEqual(["SKIP p2p_skipped", "FAIL p2p_bad", "0 passed, 1 failed, 1 skipped"]);
    expect(ended.code).toBe(1);
    expect(ended.out).toContain("    before\n    AssertionError: 1 != 2 | <b>\n");
    expect(ended.out).not.toContain("    after\n");
    const where = /its folder is (.*)/.exec(ended.out)![1]!;
    expect(readFileSync(join(where, "output.log"), "utf8")).toContain("AssertionError");
    for (const left of leftFolders()) rmSync(join(folder, left), { recursive: true });
  });

  test("one that hangs ends with all its processes", async () => {
    const ended = await conformance(["--timeout", "10", "p2p_hanging"]);
    expect(resultsOf(ended)).toEqual(["FAIL p2p_hanging", "0 passed, 1 failed, 0 skipped"]);
    expect(ended.out).toContain("no end within 10 s");
    const pid = Number(readFileSync(join(folder, "child.pid"), "utf8"));
    // A killed process that nobody has waited for yet is a zombie.
    const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]![0] : "Z";
    expect(process.platform === "linux" ? state : "Z").toBe("Z");
    for (const left of leftFolders()) rmSync(join(folder, left), { recursive: true });
  });

  test("arguments behind -- go to every script", async () => {
    const ended = await conformance(["--keep", "p2p_good --v2transport", "--", "--valgrind"]);
    expect(ended.code).toBe(0);
    const [root] = leftFolders();
    const [name] = readdirSync(join(folder, root!)).filter((entry) => entry.startsWith("p2p_good"));
    const output = readFileSync(join(folder, root!, name!, "output.log"), "utf8");
    expect(output).toContain("arguments: ['v2transport', 'valgrind']");
    rmSync(join(folder, root!), { recursive: true });
  });
});
