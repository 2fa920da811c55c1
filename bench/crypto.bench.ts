/**
 * Hashing, decoding and signature checks against other implementations. Run: `npx tsx bench/crypto.bench.ts`.
 * With `BENCH_PEERS=<folder>` holding `node_modules/bcoin`, bcoin takes part; `VECTORS_DIR` names the folder of blocks.
 * Only ratios are printed: they carry from one machine to another, absolute numbers do not.
 */
import * as nodeCrypto from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { chooseSecp256k1 } from "@bitfleet/node/crypto/choose-backend.ts";
import { installHostSha256 } from "@bitfleet/node/crypto/host-hash.ts";
import {
  hash160,
  ripemd160,
  sha256d,
  sha256dOfPairs,
  taggedHash,
  useHostSha256,
} from "@bitfleet/protocol/crypto/hash.ts";
import { MuHash3072 } from "@bitfleet/protocol/crypto/muhash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { decodeBlock } from "@bitfleet/protocol/primitives/block.ts";
import { blockMerkleRoot } from "@bitfleet/protocol/primitives/merkle.ts";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ripemd160 as nobleRipemd160 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

export interface Candidate {
  readonly name: string;
  /** Does the whole job once. */
  readonly run: () => unknown;
}

export interface Comparison {
  readonly job: string;
  readonly candidates: readonly Candidate[];
  /** How many of them, from the first on, are ours; each is compared with all behind it. One where absent. */
  readonly ownCount?: number;
  /** Rounds of which the best counts; fewer for long jobs. */
  readonly rounds?: number;
}

export interface Ratio {
  readonly job: string;
  readonly ours: string;
  readonly other: string;
  /** How many times as fast ours is. */
  readonly ratio: number;
}

/** CPU time of the process rather than the clock's, and the best round of several: other load counts less. */
export function compare({ job, candidates, ownCount = 1, rounds = 5 }: Comparison): Ratio[] {
  const best = candidates.map(() => Number.POSITIVE_INFINITY);
  for (const { run } of candidates) run();
  for (let round = 0; round < rounds; round++) {
    candidates.forEach(({ run }, index) => {
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      best[index] = Math.min(best[index]!, user + system);
    });
  }
  return candidates.slice(0, ownCount).flatMap(({ name: ours }, own) =>
    candidates.slice(own + 1).map(({ name: other }, index) => {
      return { job, ours, other, ratio: best[own + 1 + index]! / best[own]! };
    }),
  );
}

interface Bcoin {
  readonly Block: { fromRaw(bytes: Buffer): { createMerkleRoot(): unknown } };
  readonly curve: { verify(hash: Buffer, signature: Buffer, key: Buffer): boolean };
  /** Whether its addon was built; an installation without scripts has JavaScript. Its hashes are node:crypto's then. */
  readonly isCurveNative: boolean;
}

/** bcoin as it comes, from the folder that `BENCH_PEERS` names. */
export function loadBcoin(): Bcoin | undefined {
  const peers = process.env.BENCH_PEERS;
  if (peers === undefined || !existsSync(join(peers, "node_modules/bcoin"))) return undefined;
  const require = createRequire(join(resolve(peers), "index.js"));
  return {
    Block: require("bcoin/lib/primitives/block.js"),
    curve: require("bcrypto/lib/secp256k1.js"),
    isCurveNative: require("bcrypto/lib/internal/secp256k1.js")._bcryptoBinding === true,
  };
}

/** Decoding a full block, and hashing all of its transactions and its tree. */
export function blockComparison(bcoin: Bcoin | undefined): Comparison | undefined {
  const folder = process.env.VECTORS_DIR ?? join(import.meta.dirname, "../../shared/vectors");
  const path = join(folder, "blocks/mainnet-413567.block");
  if (!existsSync(path)) {
    console.error(`skipped: ${path} is absent (set VECTORS_DIR)`);
    return undefined;
  }
  const bytes = readFileSync(path);
  const repeat = (action: () => unknown) => () => {
    for (let count = 0; count < 10; count++) action();
  };
  const candidates: Candidate[] = [
    {
      name: "bitfleet",
      run: repeat(() => {
        const block = decodeBlock(Uint8Array.from(bytes));
        if (blockMerkleRoot(block).mutated) throw new Error("mutated");
      }),
    },
  ];
  if (bcoin !== undefined) {
    const run = repeat(() => bcoin.Block.fromRaw(Buffer.from(bytes)).createMerkleRoot());
    candidates.push({ name: "bcoin", run });
  }
  return { job: "decode mainnet block 413567, hash transactions and tree", candidates };
}

/** Five thousand ECDSA signatures, each of its own key, checked on one thread. */
export function signatureComparison(bcoin: Bcoin | undefined, count = 5000): Comparison {
  const signer = chooseSecp256k1("auto").backend;
  const cases = Array.from({ length: count }, (_, index) => {
    const secret = nobleSha256(Uint8Array.of(index & 0xff, index >> 8));
    const hash = nobleSha256(secret);
    return { hash, signature: signer.signEcdsa(hash, secret), key: signer.publicKeyOf(secret, true) };
  });
  const checked = (verify: (each: (typeof cases)[number]) => boolean) => () => {
    for (const each of cases) if (!verify(each)) throw new Error("a valid signature was refused");
  };
  const native = chooseSecp256k1("auto").backend;
  const candidates: Candidate[] = [
    { name: native.name, run: checked((each) => native.verifyEcdsa(each.signature, each.hash, each.key)) },
    {
      name: portableSecp256k1.name,
      run: checked((each) => portableSecp256k1.verifyEcdsa(each.signature, each.hash, each.key)),
    },
    {
      name: "noble curves",
      run: checked((each) => secp256k1.verify(each.signature, each.hash, each.key, { prehash: false, lowS: false })),
    },
  ];
  if (bcoin !== undefined) {
    const asBuffers = new Map(
      cases.map((each) => [each, [each.hash, each.signature, each.key].map((part) => Buffer.from(part))] as const),
    );
    const verify = (each: (typeof cases)[number]) => {
      const [hash, signature, key] = asBuffers.get(each)!;
      return bcoin.curve.verify(hash!, signature!, key!);
    };
    candidates.push({ name: `bcoin (${bcoin.isCurveNative ? "native" : "JavaScript"} backend)`, run: checked(verify) });
  }
  const hasNative = native !== portableSecp256k1;
  return {
    job: `verify ${count} ECDSA signatures, one thread`,
    candidates: hasNative ? candidates : candidates.slice(1),
    ownCount: hasNative ? 2 : 1,
    rounds: 2,
  };
}

/** Hashes by size, against noble and node:crypto. */
export function hashComparisons(): Comparison[] {
  const node = (algorithm: string, bytes: Uint8Array) => nodeCrypto.hash(algorithm, bytes, "buffer");
  const times = (count: number, action: () => unknown) => () => {
    for (let index = 0; index < count; index++) action();
  };
  const doubles = [64, 80, 250, 600, 4000, 100_000].map((size): Comparison => {
    const bytes = new Uint8Array(size).fill(7);
    const count = Math.ceil(4_000_000 / (size + 200));
    return {
      job: `sha256d of ${size} bytes`,
      candidates: [
        { name: "bitfleet", run: times(count, () => sha256d(bytes)) },
        { name: "noble hashes", run: times(count, () => nobleSha256(nobleSha256(bytes))) },
        { name: "node:crypto", run: times(count, () => node("sha256", node("sha256", bytes))) },
      ],
    };
  });
  const key = new Uint8Array(33).fill(2);
  const pairs = new Uint8Array(64 * 2048).fill(3);
  const tagHash = nobleSha256(new TextEncoder().encode("TapBranch"));
  const prefixed = Uint8Array.from([...tagHash, ...tagHash, ...pairs.subarray(0, 64)]);
  return [
    ...doubles,
    {
      job: "hash160 of a public key",
      candidates: [
        { name: "bitfleet", run: times(20_000, () => hash160(key)) },
        { name: "noble hashes", run: times(20_000, () => nobleRipemd160(nobleSha256(key))) },
        { name: "node:crypto", run: times(20_000, () => node("ripemd160", node("sha256", key))) },
      ],
    },
    {
      job: "ripemd160 of 32 bytes",
      candidates: [
        { name: "bitfleet", run: times(20_000, () => ripemd160(tagHash)) },
        { name: "noble hashes", run: times(20_000, () => nobleRipemd160(tagHash)) },
      ],
    },
    {
      job: "tagged hash of 64 bytes",
      candidates: [
        { name: "bitfleet", run: times(20_000, () => taggedHash("TapBranch", pairs.subarray(0, 64))) },
        { name: "noble hashes", run: times(20_000, () => nobleSha256(prefixed)) },
      ],
    },
    {
      job: "one merkle level of 2048 pairs",
      candidates: [
        { name: "bitfleet, four lanes", run: times(4, () => sha256dOfPairs(pairs)) },
        {
          name: "bitfleet, one by one",
          run: times(4, () => {
            for (let offset = 0; offset < pairs.length; offset += 64) sha256d(pairs.subarray(offset, offset + 64));
          }),
        },
        {
          name: "noble hashes",
          run: times(4, () => {
            for (let offset = 0; offset < pairs.length; offset += 64) {
              nobleSha256(nobleSha256(pairs.subarray(offset, offset + 64)));
            }
          }),
        },
      ],
    },
  ];
}

/** One element into a MuHash, in units of hashing the element once: what `gettxoutsetinfo muhash` costs per coin. */
export function muhashComparison(): Comparison {
  const element = new Uint8Array(80).fill(5);
  const hash = new MuHash3072();
  const prime = (1n << 3072n) - 1103717n;
  let product = 3n ** 1900n % prime;
  const factor = product;
  return {
    job: "1000 elements into MuHash3072",
    candidates: [
      {
        name: "bitfleet",
        run: () => {
          for (let count = 0; count < 1000; count++) hash.insert(element);
        },
      },
      {
        name: "the 1000 multiplications alone, reduced by %",
        run: () => {
          for (let count = 0; count < 1000; count++) product = (product * factor) % prime;
        },
      },
    ],
  };
}

export function markdownTable(ratios: readonly Ratio[]): string {
  const rows = ratios.map(({ job, ours, other, ratio }) => `| ${job} | ${ours} | ${other} | ${ratio.toFixed(2)} |`);
  return ["| job | ours | other | ours is faster by |", "|---|---|---|---|", ...rows].join("\n");
}

/** Every comparison of this file. */
export function run(): Ratio[] {
  const bcoin = loadBcoin();
  if (bcoin === undefined)
    console.error("bcoin does not take part: set BENCH_PEERS to a folder with node_modules/bcoin");
  installHostSha256();
  try {
    const block = blockComparison(bcoin);
    const comparisons = [
      ...(block === undefined ? [] : [block]),
      signatureComparison(bcoin),
      ...hashComparisons(),
      muhashComparison(),
    ];
    return comparisons.flatMap(compare);
  } finally {
    useHostSha256(undefined);
  }
}

if (process.argv[1] !== undefined && import.meta.filename === resolve(process.argv[1])) {
  console.log(markdownTable(run()));
}
