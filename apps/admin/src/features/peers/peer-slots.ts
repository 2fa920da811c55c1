/**
 * Where peers stand in the picture. Each keeps its place for as long as it is connected, however many come and go around it, and those
 * that are there are spread evenly all the same.
 */

/** What decides about a peer's place. */
export interface Placed {
  readonly id: number;
  readonly direction: "inbound" | "outbound";
}

/** Number of a place on its side, from 0, by id of the connection. */
export type Slots = ReadonlyMap<number, number>;

/** Places of the first ring on each side, and one: each further ring has twice as many. */
const FIRST_RING_SIZE = 8;

/** The places after a look: who was there stays, who is new has the first that is free on its side. The same map where nothing changed. */
export function assignSlots(before: Slots, peers: readonly Placed[]): Slots {
  const isSame = before.size === peers.length && peers.every(({ id }) => before.has(id));
  if (isSame) return before;
  const slots = new Map<number, number>();
  const taken = { inbound: new Set<number>(), outbound: new Set<number>() };
  for (const { id, direction } of peers) {
    const slot = before.get(id);
    if (slot === undefined) continue;
    slots.set(id, slot);
    taken[direction].add(slot);
  }
  for (const { id, direction } of peers) {
    if (slots.has(id)) continue;
    let slot = 0;
    while (taken[direction].has(slot)) slot++;
    slots.set(id, slot);
    taken[direction].add(slot);
  }
  return slots;
}

/** Ring of a place, from 0 at the middle, and where on the ring's arc it is, between 0 and 1 and neither. */
export function placeOfSlot(slot: number): { readonly ring: number; readonly share: number } {
  let ring = 0;
  let index = slot;
  while (index >= ringSize(ring)) {
    index -= ringSize(ring);
    ring++;
  }
  return { ring, share: halved(index + 1) };
}

const ringSize = (ring: number) => FIRST_RING_SIZE * 2 ** ring - 1;

/** 1/2, 1/4, 3/4, 1/8, 5/8, …: each next one in the widest gap (the van der Corput sequence of base 2). */
function halved(count: number): number {
  let share = 0;
  let weight = 0.5;
  for (let rest = count; rest > 0; rest >>= 1) {
    share += (rest & 1) * weight;
    weight /= 2;
  }
  return share;
}
