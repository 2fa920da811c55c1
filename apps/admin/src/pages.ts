import {
  AtIcon,
  BlocksIcon,
  GaugeIcon,
  GearIcon,
  GlobeIcon,
  HeartIcon,
  LayersIcon,
  NetworkIcon,
  PickIcon,
  SendIcon,
  TerminalIcon,
  WalletIcon,
} from "@bitfleet/ui/icons.tsx";
import { only, tabSearch } from "@bitfleet/ui/page-search.ts";
import { createRootRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { blockSearch, blocksSearch } from "./block-search.ts";
import { DashboardRoute } from "./dashboard-route.tsx";
import { descriptorSearch } from "./features/address/descriptor-search.ts";
import { dashboardSearch } from "./features/dashboard/dashboard-search.ts";
import { mempoolSearch } from "./features/mempool/mempool-search.ts";
import { networkSearch } from "./network-search.ts";
import type { Page } from "./page.ts";
import { consoleSearch, healthSearch, miningSearch, traceSearch, walletSearch } from "./page-search.ts";

/** What stands around every page is put in by `app.tsx`. */
export const rootRoute = createRootRoute({ validateSearch: tabSearch });
const below = { getParentRoute: () => rootRoute };

/**
 * Every page there is, in the order of the navigation. A new page is one row and its folder: its screen is loaded when it is first asked
 * for, so `component` imports it by `lazyRouteComponent`.
 */
export const pages = [
  {
    title: "Dashboard",
    group: "explore",
    icon: GaugeIcon,
    keywords: "home overview tip chain live",
    keys: "g d",
    route: createRoute({ ...below, path: "/", validateSearch: only(dashboardSearch), component: DashboardRoute }),
  },
  {
    title: "Blocks",
    group: "explore",
    icon: BlocksIcon,
    keywords: "chain height list",
    keys: "g b",
    route: createRoute({
      ...below,
      path: "/blocks",
      validateSearch: only(blocksSearch),
      component: lazyRouteComponent(() => import("./features/blocks/blocks-screen.tsx"), "BlocksScreen"),
    }),
  },
  {
    title: "Block",
    under: "/blocks",
    shows: "block",
    route: createRoute({
      ...below,
      path: "/block/$id",
      validateSearch: only(blockSearch),
      component: lazyRouteComponent(() => import("./block-route.tsx"), "BlockRoute"),
    }),
  },
  {
    title: "Transaction",
    under: "/blocks",
    shows: "transaction",
    route: createRoute({
      ...below,
      path: "/tx/$id",
      validateSearch: only(traceSearch),
      component: lazyRouteComponent(() => import("./features/transaction/transaction-screen.tsx"), "TransactionScreen"),
    }),
  },
  {
    title: "Mempool",
    group: "explore",
    icon: LayersIcon,
    keywords: "waiting unconfirmed fees feerate histogram clusters projected transactions",
    keys: "g m",
    route: createRoute({
      ...below,
      path: "/mempool",
      validateSearch: only(mempoolSearch),
      component: lazyRouteComponent(() => import("./features/mempool/mempool-screen.tsx"), "MempoolScreen"),
    }),
  },
  {
    title: "Addresses",
    group: "explore",
    icon: AtIcon,
    keywords: "address descriptor xpub tpub balance history utxo watch look up qr",
    keys: "g a",
    route: createRoute({
      ...below,
      path: "/descriptor",
      validateSearch: only(descriptorSearch),
      component: lazyRouteComponent(() => import("./features/address/descriptor-screen.tsx"), "DescriptorScreen"),
    }),
  },
  {
    title: "Address",
    under: "/descriptor",
    shows: "address",
    route: createRoute({
      ...below,
      path: "/address/$id",
      component: lazyRouteComponent(() => import("./features/address/address-screen.tsx"), "AddressScreen"),
    }),
  },
  {
    title: "Broadcast",
    group: "operate",
    icon: SendIcon,
    keywords: "send push raw transaction hex psbt test accept decode",
    keys: "g t",
    route: createRoute({
      ...below,
      path: "/broadcast",
      component: lazyRouteComponent(() => import("./broadcast-route.tsx"), "BroadcastRoute"),
    }),
  },
  {
    title: "Mining",
    group: "operate",
    icon: PickIcon,
    keywords: "miner start stop pacing generate block template stale hash rate difficulty",
    keys: "g i",
    route: createRoute({
      ...below,
      path: "/mining",
      validateSearch: only(miningSearch),
      component: lazyRouteComponent(() => import("./features/mining/mining-screen.tsx"), "MiningScreen"),
    }),
  },
  {
    title: "Network",
    group: "operate",
    icon: NetworkIcon,
    keywords: "peers connect disconnect ban nodes logs restart partition heal reorg faucet snapshot revert time",
    keys: "g n",
    route: createRoute({
      ...below,
      path: "/network",
      validateSearch: only(networkSearch),
      component: lazyRouteComponent(() => import("./network-route.tsx"), "NetworkRoute"),
    }),
  },
  {
    title: "Wallets",
    group: "operate",
    icon: WalletIcon,
    keywords: "wallet create load balance address receive send pay history",
    keys: "g w",
    route: createRoute({
      ...below,
      path: "/wallet",
      component: lazyRouteComponent(() => import("./features/wallet/wallets-screen.tsx"), "WalletsScreen"),
    }),
  },
  {
    title: "Wallet",
    under: "/wallet",
    route: createRoute({
      ...below,
      path: "/wallet/$name",
      validateSearch: only(walletSearch),
      component: lazyRouteComponent(() => import("./features/wallet/wallet-screen.tsx"), "WalletScreen"),
    }),
  },
  {
    title: "Console",
    group: "operate",
    icon: TerminalIcon,
    keywords: "rpc json-rpc bitcoin-cli command line methods help call",
    keys: "g c",
    route: createRoute({
      ...below,
      path: "/console",
      validateSearch: only(consoleSearch),
      component: lazyRouteComponent(() => import("./features/console/console-screen.tsx"), "ConsoleScreen"),
    }),
  },
  {
    title: "Health",
    group: "operate",
    icon: HeartIcon,
    keywords:
      "status state up alive live liveness ready readiness metrics prometheus version build checks memory uptime",
    keys: "g h",
    route: createRoute({
      ...below,
      // Where /health is, the node itself answers.
      path: "/status",
      validateSearch: only(healthSearch),
      component: lazyRouteComponent(() => import("./features/health/health-screen.tsx"), "HealthScreen"),
    }),
  },
  {
    title: "Networks",
    group: "settings",
    icon: GlobeIcon,
    keywords: "profiles switch add edit remove servers keys saved remembered import export",
    keys: "g o",
    isOfDesktop: true,
    route: createRoute({
      ...below,
      path: "/networks",
      component: lazyRouteComponent(() => import("./desktop/networks-screen.tsx"), "NetworksRoute"),
    }),
  },
  {
    title: "Settings",
    group: "settings",
    icon: GearIcon,
    keywords: "keys theme dark light unit connection node language preferences",
    keys: "g s",
    route: createRoute({
      ...below,
      path: "/settings",
      component: lazyRouteComponent(() => import("./features/settings/settings-screen.tsx"), "SettingsScreen"),
    }),
  },
] as const satisfies readonly Page[];

type RoutesOf<Table extends readonly Page[]> = { -readonly [Index in keyof Table]: Table[Index]["route"] };

/** The router's tree; its types, and so those of every link, come from the rows. */
export const routeTree = rootRoute.addChildren(pages.map(({ route }) => route) as unknown as RoutesOf<typeof pages>);
