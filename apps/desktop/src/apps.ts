/** The two apps that have windows. */
export const DESKTOP_APPS = ["wallet", "admin"] as const;
export type DesktopApp = (typeof DESKTOP_APPS)[number];

/** How people know them: in the window's title bar and in the list of programs. */
export const APP_NAMES: Readonly<Record<DesktopApp, string>> = {
  wallet: "Bitfleet Wallet",
  admin: "Bitfleet Admin",
};

/** Where each begins. */
export const APP_PATHS: Readonly<Record<DesktopApp, string>> = { wallet: "/wallet-app/", admin: "/" };

/** Which app a path of the local process is of. */
export function appAt(path: string): DesktopApp {
  return path === "/wallet-app" || path.startsWith("/wallet-app/") ? "wallet" : "admin";
}

/** Path of the page that takes a payment link (BIP21). */
export function deepLinkPath(uri: string): string {
  return `${APP_PATHS.wallet}send?uri=${encodeURIComponent(uri)}`;
}
