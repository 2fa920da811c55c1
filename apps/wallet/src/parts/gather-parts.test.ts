import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bbqrParts } from "./bbqr.ts";
import { encodeBytewords } from "./bytewords.ts";
import { encodeCborPart } from "./cbor.ts";
import { crc32 } from "./crc32.ts";
import { type Added, PartsGatherer } from "./gather-parts.ts";
import { PART_LENGTH_MAX, PARTS_REST_MS } from "./limits.ts";
import { messageOf, seededBy } from "./parts.test-kit.ts";
import { urParts } from "./ur.ts";

const MESSAGE = messageOf(500);
const UR = urParts("psbt", MESSAGE, 60);
const UR_PLAIN = Array.from({ length: UR.count }, (_, place) => UR.part(place + 1));
const BBQR = bbqrParts("P", MESSAGE, 60);
const SPECTER = ["p1of3 cHNidP8", "p2of3 BAHECAAAA", "p3of3 AQ=="];

/** What came of each of several. */
function gather(texts: readonly string[], gatherer = new PartsGatherer()) {
  const added = texts.map((text) => gatherer.add(text, 0));
  return { gatherer, added, last: added.at(-1)!, kinds: added.map(({ kind }) => kind) };
}
const wholeOf = (added: Added) => {
  if (added.kind !== "whole") throw new Error(added.kind);
  return added.whole;
};
const shuffled = <T>(all: readonly T[], seed: string): T[] => {
  const random = seededBy(seed);
  const left = [...all];
  return all.map(() => left.splice(random.nextIndex(left.length), 1)[0]!);
};

describe.each([
  ["UR", UR_PLAIN, { form: "UR", type: "psbt", cbor: MESSAGE }],
  ["BBQr", BBQR, { form: "BBQr", type: "P", isPacked: false, bytes: MESSAGE }],
  ["Specter", SPECTER, { form: "Specter", text: "cHNidP8BAHECAAAAAQ==" }],
])("%s", (_form, parts, whole) => {
  test("is whole with the last part, in any order", () => {
    for (const seed of ["a", "b", "c"]) {
      const { added, kinds, gatherer } = gather(shuffled(parts, seed));
      expect(kinds).toEqual([...Array(parts.length - 1).fill("more"), "whole"]);
      expect(wholeOf(added.at(-1)!)).toEqual(whole);
      expect(gatherer.gathered).toBeUndefined();
    }
  });

  test("counts each part once", () => {
    const { gatherer } = gather([parts[0]!, parts[1]!, parts[0]!, parts[1]!]);
    expect(gatherer.gathered).toEqual({ found: 2, wanted: parts.length });
  });

  test("keeps what it has where another message's part, or a damaged one, is in between", () => {
    const other = parts === BBQR ? UR.part(1) : BBQR[0]!;
    const { gatherer, kinds } = gather([parts[0]!, other, parts[1]!, `${parts[1]!.slice(0, -1)}_`, "ur:psbt/1-2/aeae"]);
    expect(kinds.slice(0, 3)).toEqual(["more", "foreign", "more"]);
    expect(kinds.at(-1)).toBe("damaged");
    expect(gatherer.gathered).toEqual({ found: 2, wanted: parts.length });
  });

  test("begins anew on purpose, or where there was nothing new for long", () => {
    const { gatherer } = gather(parts.slice(0, 2));
    gatherer.forget();
    expect(gatherer.gathered).toBeUndefined();
    gatherer.add(parts[0]!, 0);
    // The same once more is nothing new.
    gatherer.add(parts[0]!, PARTS_REST_MS);
    gatherer.add(parts[1]!, PARTS_REST_MS);
    expect(gatherer.gathered?.found).toBe(2);
    gatherer.add(parts[2]!, 2 * PARTS_REST_MS + 1);
    expect(gatherer.gathered).toEqual({ found: 1, wanted: parts.length });
  });
});

describe("UR's mixed parts", () => {
  test("make up for any that are missing: as many parts are enough as say something new", () => {
    const { gatherer } = gather([]);
    let seen = 0;
    let last: Added = { kind: "more" };
    for (let number = UR.count + 1; last.kind !== "whole" && seen < 200; number++, seen++) {
      const before = gatherer.gathered?.found ?? 0;
      last = gatherer.add(UR.part(number), 0);
      const after = gatherer.gathered?.found ?? UR.count;
      expect(after - before).toBeLessThanOrEqual(1);
      if (last.kind !== "whole") expect(after).toBeLessThan(UR.count);
    }
    expect(wholeOf(last)).toEqual({ form: "UR", type: "psbt", cbor: MESSAGE });
  });

  test("are read for any message, and any of them", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 10_000 }),
        (message, sizeMax, first) => {
          const parts = urParts("bytes", message, sizeMax);
          const gatherer = new PartsGatherer();
          let last: Added = { kind: "more" };
          for (let number = first; last.kind === "more"; number++) last = gatherer.add(parts.part(number), 0);
          expect(wholeOf(last)).toEqual({ form: "UR", type: "bytes", cbor: message });
        },
      ),
      { numRuns: 60 },
    );
  });

  test("one code alone is whole at once, and leaves what is being gathered", () => {
    const { gatherer, last } = gather([UR.part(1), urParts("bytes", MESSAGE, 1_000).part(1)]);
    expect(wholeOf(last)).toMatchObject({ form: "UR", type: "bytes" });
    expect(gatherer.gathered?.found).toBe(1);
  });
});

describe("what cannot be is told, and all of it forgotten", () => {
  const partOf = (numbers: readonly number[], data: Uint8Array) =>
    `ur:bytes/${numbers[0]}-${numbers[1]}/${encodeBytewords(encodeCborPart(numbers, data))}`;

  test("a message with a wrong checksum", () => {
    const [one, two] = [messageOf(10, "a"), messageOf(10, "b")];
    const texts = (checksum: number) => [partOf([1, 2, 20, checksum], one), partOf([2, 2, 20, checksum], two)];
    const right = crc32(Uint8Array.from([...one, ...two]));
    expect(gather(texts(right)).kinds).toEqual(["more", "whole"]);
    const { kinds, gatherer } = gather(texts(right + 1));
    expect(kinds).toEqual(["more", "spoilt"]);
    expect(gatherer.gathered).toBeUndefined();
  });

  test("parts that contradict each other", () => {
    const { kinds, gatherer } = gather([1, 2].map((seed) => partOf([1, 2, 20, 7], messageOf(10, `${seed}`))));
    expect(kinds).toEqual(["more", "spoilt"]);
    expect(gatherer.gathered).toBeUndefined();
  });
});

describe("BBQr's parts of another file", () => {
  const other = bbqrParts("P", messageOf(500, "other"), 60);

  test("are known where the same part has something else in it", () => {
    expect(gather([BBQR[0]!, BBQR[3]!, other[3]!]).kinds).toEqual(["more", "more", "foreign"]);
  });

  test.each([
    ["longer than the others", "B$HP0401AABBCC"],
    ["shorter than the others", "B$HP0401AA"],
    ["of another type", "B$HT0401AABB"],
    ["of another encoding", "B$2P0401MZXW6"],
    ["of another count", "B$HP0501AABB"],
    ["with a last one that is longer", "B$HP0403AABBCC"],
  ])("are known where one is %s", (_name, text) => {
    expect(gather(["B$HP0400AABB", text]).kinds).toEqual(["more", "foreign"]);
  });

  test("the last one may be shorter, whenever it comes", () => {
    expect(gather(["B$HP0403AA", "B$HP0400AABB", "B$HP0402AABB"]).kinds).toEqual(["more", "more", "more"]);
    expect(gather(["B$HP0403AABB", "B$HP0400AA"]).kinds).toEqual(["more", "foreign"]);
  });
});

describe("Specter's parts are damaged", () => {
  test.each(["p0of3 x", "p4of3 x", "p1of0 x", "p1of1234567890 x"])("%s", (text) => {
    expect(gather([text]).kinds).toEqual(["damaged"]);
  });

  test("or too many", () => {
    expect(gather(["p1of1295 x"]).kinds).toEqual(["more"]);
    expect(gather(["p1of1296 x"]).kinds).toEqual(["too-many"]);
  });

  test("with letters of more than one byte are put together as they were", () => {
    expect(wholeOf(gather(["p2of2 ß\n", "p1of2 ₿ "]).last)).toEqual({ form: "Specter", text: "₿ ß\n" });
  });
});

test("a code with more characters than there is room for in one is not looked at", () => {
  const text = (length: number) => `p1of2 ${"x".repeat(length - 6)}`;
  expect(gather([text(PART_LENGTH_MAX)]).kinds).toEqual(["more"]);
  expect(gather([text(PART_LENGTH_MAX + 1)]).kinds).toEqual(["too-many"]);
});

test("as many parts as there can be are gathered without being slow", () => {
  const message = messageOf(1_295 * 20);
  const parts = urParts("bytes", message, 20);
  const gatherer = new PartsGatherer();
  let last: Added = { kind: "more" };
  for (let number = 1; last.kind === "more"; number++)
    if (number % 40 !== 0) last = gatherer.add(parts.part(number), 0);
  const whole = wholeOf(last);
  expect(whole.form === "UR" && toHex(whole.cbor) === toHex(message)).toBe(true);
});
