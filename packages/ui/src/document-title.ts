import { useEffect } from "react";
import { desktopSession } from "./desktop/desktop-session.ts";

let appName = "Bitfleet";
let pageTitle = "";
let detailTitle = "";

/** What the application is called in the tab, where it is another one than the explorer. */
export function nameApp(name: string): void {
  appName = name;
  show();
}

/** What the tab says: of the page at hand, as the table of pages has it. For the frame around all pages. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    pageTitle = title;
    show();
  }, [title]);
}

/** What the tab says while a screen shows one thing in particular: "Block 127". Empty for what the page is called. */
export function useDetailTitle(title: string): void {
  useEffect(() => {
    detailTitle = title;
    show();
    return () => {
      detailTitle = "";
      show();
    };
  }, [title]);
}

function show(): void {
  const title = detailTitle || pageTitle;
  if (title === "") document.title = appName;
  else document.title = isNamedByBrowser() ? title : `${title} · ${appName}`;
}

/** An app that the browser has installed: it puts the app's name before each title. */
const isNamedByBrowser = () => desktopSession() === undefined && matchMedia("(display-mode: standalone)").matches;
