import { CHAIN_TOPIC, useApi } from "@bitfleet/ui/api-provider.tsx";
import { shortHash } from "@bitfleet/ui/format.ts";
import {
  AtIcon,
  BlocksIcon,
  NetworkIcon,
  SearchIcon,
  TerminalIcon,
  TransferIcon,
  WalletIcon,
} from "@bitfleet/ui/icons.tsx";
import { matches } from "@bitfleet/ui/palette/matches.ts";
import type { PaletteItem, PaletteItems } from "@bitfleet/ui/palette/palette.tsx";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { listedPages } from "../listed-pages.ts";
import { placeRoute } from "../place-route.tsx";
import { useCommands } from "./commands.ts";
import { useShellExtras } from "./extras.ts";
import { hitFacts, isDescriptor, isSearchable, searchedText } from "./palette-items.ts";
import { type PaletteThing, useThings } from "./palette-things.ts";
import { forgetPlaces, type PaletteTarget, recentPlaces, rememberPlace } from "./recent-places.ts";
import { shellTexts } from "./texts.ts";

const texts = shellTexts.palette;
/** A pause in typing, after which the node is asked. */
const PAUSE_MS = 120;

type ItemIcon = (look: { readonly size?: number }) => ReactElement;

/** What fits the text: of the chain, of the node, of the pages, of the actions; without a text also what was found of late. */
export function useItems(text: string): PaletteItems {
  const go = useGoing();
  const { hits, isSettled, hasFailed } = useHits(text);
  const { things, isLoading } = useThings(text);
  const actions = useActions(text);
  const found = hits.map(
    ({ id, title, detail, icon, target }): PaletteItem => ({
      id,
      section: texts.found,
      title,
      detail,
      icon,
      run: () => go({ title, detail, target }),
    }),
  );
  const named = things.map(
    ({ kind, id, title, detail, target }): PaletteItem => ({
      id: `${kind}-${id}`.replaceAll(/\s/g, "-"),
      section: texts.things,
      title,
      detail,
      icon: THING_ICONS[kind],
      run: () => go({ title, detail, target }),
    }),
  );
  const pages = listedPages()
    .filter((page) => matches(text, `${page.title} ${page.keywords ?? ""}`))
    .map(
      ({ title, keys, icon, route }): PaletteItem => ({
        id: `page-${title}`.replaceAll(" ", "-"),
        section: texts.pages,
        title,
        detail: "",
        icon,
        keys,
        run: () => go({ target: { to: route.fullPath } }),
      }),
    );
  const items = [...useRecent(text), ...found, ...pages, ...named, ...actions];
  return { items, isSettled: isSettled && (items.length > 0 || !isLoading), hasFailed };
}

const THING_ICONS: Readonly<Record<PaletteThing["kind"], ItemIcon>> = {
  peer: NetworkIcon,
  node: NetworkIcon,
  wallet: WalletIcon,
  method: TerminalIcon,
};

/** Goes there; what has a title is noted as found. */
function useGoing() {
  const navigate = useNavigate();
  return ({
    target,
    title,
    detail = "",
  }: {
    readonly target: PaletteTarget;
    readonly title?: string;
    readonly detail?: string;
  }) => {
    if (title !== undefined) rememberPlace({ title, detail, target });
    void navigate(target as { to: "/" });
  };
}

/** While nothing is typed: where one went by the palette before. */
function useRecent(text: string): readonly PaletteItem[] {
  const go = useGoing();
  const [places] = useState(() => recentPlaces());
  if (text.trim() !== "") return [];
  return places.map(
    (place, index): PaletteItem => ({
      id: `recent-${index}`,
      section: texts.recent,
      title: place.title,
      detail: place.detail,
      icon: SearchIcon,
      run: () => go(place),
    }),
  );
}

function useActions(text: string): readonly PaletteItem[] {
  const commands = useCommands();
  const extras = useShellExtras();
  const forget = { title: shellTexts.actions.forget, keywords: "recent history search clear", run: forgetPlaces };
  return [...extras.commands, ...commands, ...(recentPlaces().length > 0 ? [forget] : [])]
    .filter((command) => matches(text, `${command.title} ${command.keywords}`))
    .map(
      ({ title, run }, index): PaletteItem => ({
        id: `action-${index}`,
        section: texts.actions,
        title,
        detail: "",
        run: () => run(),
      }),
    );
}

interface Hit extends Pick<PaletteItem, "id" | "title" | "detail" | "icon"> {
  readonly target: PaletteTarget;
}

const HIT_ICONS = {
  block: BlocksIcon,
  transaction: TransferIcon,
  "gone-transaction": TransferIcon,
  output: TransferIcon,
  address: AtIcon,
} as const;

/** What the node finds in the chain; and what is a descriptor by its form. */
function useHits(text: string): { readonly hits: readonly Hit[] } & Omit<PaletteItems, "items"> {
  const api = useApi();
  const q = searchedText(text);
  const [askedFor] = useDebouncedValue(q, PAUSE_MS);
  const isAsked = isSearchable(q);
  const search = useQuery({
    queryKey: [CHAIN_TOPIC, "search", askedFor],
    queryFn: ({ signal }) => api.search({ q: askedFor }, { signal }),
    enabled: isAsked && askedFor === q,
  });
  const answer = isAsked && askedFor === q ? (search.data ?? []) : [];
  const hits = answer.flatMap((hit): Hit[] => {
    const { title, detail, places } = hitFacts(hit);
    const target = places.map(placeRoute).find((one) => one !== undefined) as PaletteTarget | undefined;
    return target === undefined ? [] : [{ id: `hit-${hit.kind}`, title, detail, icon: HIT_ICONS[hit.kind], target }];
  });
  if (isDescriptor(text)) {
    const target = { to: "/descriptor", search: { d: text.trim() } };
    hits.push({ id: "descriptor", title: texts.descriptor, detail: shortHash(q, 16), icon: AtIcon, target });
  }
  return { hits, isSettled: !isAsked || (askedFor === q && !search.isPending), hasFailed: isAsked && search.isError };
}
