import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { loadNonceSearch, type NonceSearchKind } from "@bitfleet/protocol/crypto/nonce-search.ts";
import { HASH_COUNT_INDEX, JOB_INDEX, type SearchPart, searchPart } from "./search-part.ts";

/** What the pool gives a worker when it starts it. */
export interface HashWorkerData {
  /** Two views of one memory: the job that the pool wants (32 bits) and the hashes made so far (64 bits). */
  readonly control: SharedArrayBuffer;
  readonly kinds: readonly NonceSearchKind[];
}

/** Answered once, when the part is searched through, a nonce is found, or the pool wants another job. */
export interface HashRequest extends SearchPart {
  readonly job: number;
}

export interface HashReply {
  readonly job: number;
  /** That gives the header its proof of work. */
  readonly nonce: number | undefined;
  readonly triesCount: number;
}

/** Who reads sockets and checks scripts goes first where there are fewer processors than threads. */
const WORKER_NICENESS = 10;

// The entry of a worker thread: it hashes what it is sent, and holds nothing between two requests.
giveWay();
const { control, kinds } = workerData as HashWorkerData;
const wanted = new Int32Array(control);
const hashCount = new BigInt64Array(control);
const search = loadNonceSearch(kinds);
parentPort!.on("message", (request: HashRequest) => {
  const found = searchPart(request, search, sha256d, {
    isWanted: () => Atomics.load(wanted, JOB_INDEX) === request.job,
    hashed: (count) => void Atomics.add(hashCount, HASH_COUNT_INDEX, BigInt(count)),
    nowMs: () => performance.now(),
  });
  const reply: HashReply = { job: request.job, ...found };
  parentPort!.postMessage(reply);
});

/** Linux alone counts niceness by thread; elsewhere this would slow the whole process. Not every container allows it. */
function giveWay(): void {
  if (process.platform !== "linux") return;
  try {
    setPriority(WORKER_NICENESS);
  } catch {
    // Then hashing is as urgent as all else.
  }
}
