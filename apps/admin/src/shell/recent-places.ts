import { onNetworkLeft } from "@bitfleet/ui/network-scope.ts";
import { type TabStorage, tabStorage } from "@bitfleet/ui/tab-storage.ts";

/** Where the palette leads: what the router takes, and what can be written down. */
export interface PaletteTarget {
  readonly to: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly search?: Readonly<Record<string, string | number>>;
  readonly hash?: string;
}

/** Something that was found once, for going there again. */
export interface RecentPlace {
  readonly title: string;
  readonly detail: string;
  readonly target: PaletteTarget;
}

/** As many as are seen at once beside the pages. */
export const RECENT_PLACES_MAX = 5;
/** Longer ones are descriptors of many keys: they are not worth their room. */
const ENTRY_LENGTH_MAX = 1000;
const STORED_AS = "bitfleet.recent-places";

/** What was found of late, the latest first. Kept until the tab closes, as entered keys are. */
export function recentPlaces(store: () => TabStorage = tabStorage): readonly RecentPlace[] {
  try {
    const stored: unknown = JSON.parse(store().getItem(STORED_AS) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isPlace).slice(0, RECENT_PLACES_MAX) : [];
  } catch {
    return [];
  }
}

/** Notes that somebody went there. */
export function rememberPlace(place: RecentPlace, store: () => TabStorage = tabStorage): void {
  if (JSON.stringify(place).length > ENTRY_LENGTH_MAX) return;
  const target = JSON.stringify(place.target);
  const others = recentPlaces(store).filter((one) => JSON.stringify(one.target) !== target);
  try {
    store().setItem(STORED_AS, JSON.stringify([place, ...others].slice(0, RECENT_PLACES_MAX)));
  } catch {
    // A browser that keeps nothing.
  }
}

export function forgetPlaces(store: () => TabStorage = tabStorage): void {
  try {
    store().removeItem(STORED_AS);
  } catch {
    // As above.
  }
}

// They are places of its chain.
onNetworkLeft(() => forgetPlaces());

function isPlace(value: unknown): value is RecentPlace {
  const { title, detail, target } = (value ?? {}) as Partial<RecentPlace>;
  return typeof title === "string" && typeof detail === "string" && typeof target?.to === "string";
}
