import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SystemClock } from "../../clock.ts";
import { StorageWatch } from "./storage-watch.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-storage-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("a directory that takes a write, with what is free, and nothing left behind", async () => {
  const watch = new StorageWatch({ places: [{ name: "data", path: folder }] }, new SystemClock());
  expect(watch.places).toEqual([
    { name: "data", path: folder, freeBytes: undefined, problem: undefined, writeSeconds: undefined },
  ]);
  await watch.start();
  watch.stop();
  const [place] = watch.places;
  expect(place).toMatchObject({ name: "data", path: folder, problem: undefined });
  expect(place!.freeBytes).toBeGreaterThan(1e6);
  expect(place!.writeSeconds).toBeGreaterThan(0);
  expect(await readdir(folder)).toEqual([]);
});

test("a directory that is gone, or is none, is a problem; it ends when it is back", async () => {
  const path = join(folder, "later");
  const watch = new StorageWatch({ places: [{ name: "data", path }] }, new SystemClock());
  await watch.probe();
  expect(watch.places[0]!.problem).toBe(`${path} does not exist.`);
  await writeFile(path, "a file");
  await watch.probe();
  expect(watch.places[0]!.problem).toBe(`${path} is not a directory.`);
  await rm(path);
  await mkdir(path);
  await watch.probe();
  expect(watch.places[0]!.problem).toBeUndefined();
});

test("a disk that does not answer is a problem after a while, before it answers", async () => {
  let nowMs = 0;
  const clock = { nowMs: () => 0, monotonicMs: () => nowMs, after: () => () => {} };
  const watch = new StorageWatch({ places: [{ name: "data", path: folder }] }, clock);
  const look = watch.probe();
  nowMs = 10_000;
  expect(watch.places[0]!.problem).toBeUndefined();
  nowMs = 11_000;
  expect(watch.places[0]!.problem).toBe(`The disk of ${folder} has not answered for 11 seconds.`);
  await look;
  expect(watch.places[0]!.problem).toBeUndefined();
});

test("sizes of directories, with all that is in them", async () => {
  const path = join(folder, "chainstate");
  await mkdir(join(path, "inner"), { recursive: true });
  await writeFile(join(path, "a.ldb"), Buffer.alloc(1000));
  await writeFile(join(path, "inner", "b.ldb"), Buffer.alloc(234));
  const sizes = { chainstate: path, indexes: join(folder, "none") };
  const watch = new StorageWatch({ places: [], sizes }, new SystemClock());
  await watch.start();
  watch.stop();
  expect(watch.sizes).toEqual({ chainstate: 1234 });
});
