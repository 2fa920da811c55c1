import { beforeEach, expect, test } from "vitest";
import { forgetPlaces, RECENT_PLACES_MAX, recentPlaces, rememberPlace } from "./recent-places.ts";

let kept = new Map<string, string>();
const store = () => ({
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => void kept.set(name, value),
  removeItem: (name: string) => void kept.delete(name),
});
const place = (id: string) => ({ title: `Block ${id}`, detail: "", target: { to: "/block/$id", params: { id } } });
const titles = () => recentPlaces(store).map(({ title }) => title);

beforeEach(() => {
  kept = new Map();
});

test("the latest stands first, once, and the oldest goes", () => {
  for (const id of ["1", "2", "3", "1"]) rememberPlace(place(id), store);
  expect(titles()).toEqual(["Block 1", "Block 3", "Block 2"]);
  for (let id = 10; id < 10 + RECENT_PLACES_MAX; id++) rememberPlace(place(String(id)), store);
  expect(titles()).toEqual(["Block 14", "Block 13", "Block 12", "Block 11", "Block 10"]);
  forgetPlaces(store);
  expect(titles()).toEqual([]);
});

test("what is too long is not kept, and what is damaged is as if nothing were there", () => {
  rememberPlace({ ...place("1"), detail: "x".repeat(1000) }, store);
  expect(titles()).toEqual([]);
  for (const damage of ["no JSON", "{}", '[{"title":1}, null, 7]']) {
    kept.set("bitfleet.recent-places", damage);
    expect(titles(), damage).toEqual([]);
  }
});

test("a browser that keeps nothing is no trouble", () => {
  const forbidden = () => {
    throw new Error("denied");
  };
  expect(() => rememberPlace(place("1"), forbidden)).not.toThrow();
  expect(() => forgetPlaces(forbidden)).not.toThrow();
  expect(recentPlaces(forbidden)).toEqual([]);
});
