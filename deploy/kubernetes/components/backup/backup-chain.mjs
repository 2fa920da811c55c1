// A node that downloads what its data directory has not yet of the chain, and stops. Reads the variables of a node (NODE_CONNECT_NODES, …).
import { execFile, spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Arguments of this script are options for both programs, as -datadir. */
const options = process.argv.slice(2);
const SECONDS_BETWEEN_LOOKS = 1;
/** A tip that is confirmed by peers and does not change for so many looks is the tip. */
const CALM_LOOKS = 3;

const node = spawn("bitcoind", ["-disablewallet", "-dbcache=128", "-maxmempool=5", ...options], { stdio: "inherit" });
const ended = new Promise((resolve) => {
  node.once("error", (error) => resolve(`cannot be started: ${error.message}`));
  node.once("exit", (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? `code ${code}`}`));
});
let isOver = false;
let isWanted = true;
ended.then(() => {
  isOver = true;
});
process.on("SIGTERM", () => {
  isWanted = false;
  node.kill("SIGTERM");
});

const ask = async (...call) => JSON.parse((await run("bitcoin-cli", [...options, ...call])).stdout);

/** The tip once it is that of all peers that are connected; undefined before. */
async function tipOfAll() {
  try {
    const peers = await ask("getpeerinfo");
    const { blocks, headers, bestblockhash } = await ask("getblockchaininfo");
    // -1 until the peer has told of its chain.
    const isAtTip = blocks === headers && peers.every(({ synced_headers: theirs }) => theirs >= 0 && blocks >= theirs);
    return peers.length > 0 && isAtTip ? { blocks, bestblockhash } : undefined;
  } catch {
    return undefined; // Not up yet.
  }
}

let tip;
for (let calm = 0; calm < CALM_LOOKS && !isOver && isWanted; ) {
  await wait(SECONDS_BETWEEN_LOOKS * 1000);
  const now = await tipOfAll();
  calm = now === undefined ? 0 : calm + 1;
  tip = now;
}
if (!isOver) node.kill("SIGTERM");
const problem = await ended;
if (problem !== undefined || tip === undefined || !isWanted) {
  console.error(
    `The chain was not backed up: ${problem === undefined ? "it was told to stop" : `the node ${problem}`}.`,
  );
  process.exitCode = 1;
} else {
  console.log(`The copy has the chain up to block ${tip.blocks}, ${tip.bestblockhash}.`);
}
