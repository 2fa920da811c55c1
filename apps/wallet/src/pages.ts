import {
  AtIcon,
  ClockIcon,
  CodeIcon,
  GearIcon,
  HomeIcon,
  InboxIcon,
  LayersIcon,
  PenIcon,
  SendIcon,
  WalletIcon,
} from "@bitfleet/ui/icons.tsx";
import { only, tabSearch } from "@bitfleet/ui/page-search.ts";
import { createRootRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { historySearch } from "./features/history/history-search.ts";
import type { Page } from "./page.ts";
import { sendSearch } from "./send-search.ts";
import { setupSearch } from "./setup-search.ts";

/** What stands around every page is put in by `app.tsx`. */
export const rootRoute = createRootRoute({ validateSearch: tabSearch });
const below = { getParentRoute: () => rootRoute };

/**
 * Every page there is, in the order of the navigation. A new page is one row and its folder: its screen is loaded when it is first asked
 * for. Pages are shown while the vault is open and there is an account, so that `useAccount()` has one; those that are
 * `isOfDevice`, and `/setup`, do without.
 */
export const pages = [
  {
    title: "Home",
    group: "money",
    icon: HomeIcon,
    isInBar: true,
    keywords: "balance overview start",
    keys: "g h",
    route: createRoute({
      ...below,
      path: "/",
      component: lazyRouteComponent(() => import("./features/home/home-screen.tsx"), "HomeScreen"),
    }),
  },
  {
    title: "Receive",
    group: "money",
    icon: InboxIcon,
    isInBar: true,
    keywords: "address qr invoice request bip21 taproot segwit",
    keys: "g r",
    route: createRoute({
      ...below,
      path: "/receive",
      component: lazyRouteComponent(() => import("./features/receive/receive-screen.tsx"), "ReceiveScreen"),
    }),
  },
  {
    title: "Sweep a key",
    under: "/receive",
    route: createRoute({
      ...below,
      path: "/sweep",
      component: lazyRouteComponent(() => import("./features/sweep/sweep-screen.tsx"), "SweepScreen"),
    }),
  },
  {
    title: "Send",
    group: "money",
    icon: SendIcon,
    isInBar: true,
    keywords: "pay payment transfer address uri fee",
    keys: "g s",
    route: createRoute({
      ...below,
      path: "/send",
      validateSearch: only(sendSearch),
      component: lazyRouteComponent(() => import("./features/send/send-screen.tsx"), "SendScreen"),
    }),
  },
  {
    title: "History",
    group: "money",
    icon: ClockIcon,
    isInBar: true,
    keywords: "transactions payments csv export list",
    keys: "g t",
    route: createRoute({
      ...below,
      path: "/history",
      validateSearch: only(historySearch),
      component: lazyRouteComponent(() => import("./features/history/history-screen.tsx"), "HistoryScreen"),
    }),
  },
  {
    title: "Transaction",
    under: "/history",
    route: createRoute({
      ...below,
      path: "/tx/$txid",
      component: lazyRouteComponent(() => import("./features/transaction/transaction-screen.tsx"), "TransactionScreen"),
    }),
  },
  {
    title: "Contacts",
    group: "tools",
    icon: AtIcon,
    keywords: "address book people names",
    keys: "g c",
    route: createRoute({
      ...below,
      path: "/contacts",
      component: lazyRouteComponent(() => import("./features/contacts/contacts-screen.tsx"), "ContactsScreen"),
    }),
  },
  {
    title: "Coins",
    group: "tools",
    icon: LayersIcon,
    keywords: "utxo outputs freeze coin control",
    keys: "g o",
    route: createRoute({
      ...below,
      path: "/coins",
      component: lazyRouteComponent(() => import("./features/coins/coins-screen.tsx"), "CoinsScreen"),
    }),
  },
  {
    title: "PSBT",
    group: "tools",
    icon: CodeIcon,
    keywords: "partially signed bitcoin transaction hardware multisig sign combine import export",
    keys: "g p",
    route: createRoute({
      ...below,
      path: "/psbt",
      component: lazyRouteComponent(() => import("./features/psbt/psbt-screen.tsx"), "PsbtScreen"),
    }),
  },
  {
    title: "Messages",
    group: "tools",
    icon: PenIcon,
    keywords: "sign verify message signature bip322 proof",
    keys: "g m",
    route: createRoute({
      ...below,
      path: "/messages",
      component: lazyRouteComponent(() => import("./features/messages/messages-screen.tsx"), "MessagesScreen"),
    }),
  },
  {
    title: "Wallets",
    group: "manage",
    icon: WalletIcon,
    isOfDevice: true,
    keywords:
      "accounts add rename remove switch phrase words descriptor xpub watch shared multisig signers cosigner key",
    keys: "g w",
    route: createRoute({
      ...below,
      path: "/wallets",
      component: lazyRouteComponent(() => import("./features/accounts/accounts-screen.tsx"), "AccountsScreen"),
    }),
  },
  {
    title: "Settings",
    group: "manage",
    icon: GearIcon,
    isOfDevice: true,
    keywords: "network server lock passphrase backup restore theme unit address type remove about",
    keys: "g e",
    route: createRoute({
      ...below,
      path: "/settings",
      component: lazyRouteComponent(() => import("./features/settings/settings-screen.tsx"), "SettingsScreen"),
    }),
  },
  {
    title: "Set up",
    under: "/wallets",
    route: createRoute({
      ...below,
      path: "/setup",
      validateSearch: only(setupSearch),
      component: lazyRouteComponent(() => import("./features/onboarding/onboarding-screen.tsx"), "OnboardingScreen"),
    }),
  },
] as const satisfies readonly Page[];

type RoutesOf<Table extends readonly Page[]> = { -readonly [Index in keyof Table]: Table[Index]["route"] };

/** The router's tree; its types, and so those of every link, come from the rows. */
export const routeTree = rootRoute.addChildren(pages.map(({ route }) => route) as unknown as RoutesOf<typeof pages>);
