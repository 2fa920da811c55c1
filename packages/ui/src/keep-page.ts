import { desktopSession } from "./desktop/desktop-session.ts";
import { textsOf } from "./texts.ts";
import { toast } from "./toasts/toast-store.ts";

const texts = textsOf({
  en: {
    isNew: "A new version of this page is ready",
    isNewText: "It is used from the next time this page is opened, or at once:",
    reload: "Reload",
  },
});

/** Remembers that the page was loaded anew for a missing part, so that it is not done again and again. */
const RELOADED = "bitfleet.reloaded-for-part";

/**
 * Has the browser keep the app itself (scripts/vite/service-worker.js), where it can: on localhost and over HTTPS. Says when the server has
 * a new build; and loads the page anew where a part of it is asked for that the new build has not. `base` is the app's path, with a slash at
 * both ends. In the desktop there is no worker: its process always answers, and a worker would keep the page of another version.
 */
export function keepPage(base = "/"): void {
  window.addEventListener("vite:preloadError", (event) => {
    if (!isMissing((event as Event & { readonly payload?: unknown }).payload) || wasReloaded()) return;
    event.preventDefault();
    location.reload();
  });
  if (!("serviceWorker" in navigator) || desktopSession() !== undefined) return;
  // Later than all that the first look needs.
  window.addEventListener("load", () => {
    navigator.serviceWorker.register(`${base}sw.js`).then(watchForNew, () => {
      // Forbidden, or no such file in development: the page then needs its node.
    });
  });
}

function watchForNew(registration: ServiceWorkerRegistration | undefined): void {
  if (registration === undefined) return;
  if (registration.waiting !== null) look(registration, registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      // The first one of all takes nothing over.
      if (worker.state === "installed" && navigator.serviceWorker.controller !== null) look(registration, worker);
    });
  });
}

/** A page that was opened since the server has the new build is of it, and has nothing to tell. */
function look(registration: ServiceWorkerRegistration, worker: ServiceWorker): void {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  const { pathname, search } = new URL(script?.src ?? "about:blank");
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<boolean>) => {
    port1.close();
    if (!data) tellOf(registration);
  };
  worker.postMessage({ script: pathname + search }, [port2]);
}

function tellOf(registration: ServiceWorkerRegistration): void {
  const run = () => {
    // Another tab may have asked for it already.
    if (registration.waiting === null) return location.reload();
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting.postMessage("take-over");
  };
  toast.plain(texts.isNew, { text: texts.isNewText, lifeMs: 0, action: { label: texts.reload, run } });
}

/** A part that does not come is a `TypeError` in all browsers, and a sheet that does not an error of the loader's own; what fails while it runs would again. */
const isMissing = (error: unknown) => error instanceof TypeError || /preload/i.test(String(error));

/** Whether it was just done; and notes that it is. */
function wasReloaded(): boolean {
  const now = Date.now();
  try {
    const before = Number(sessionStorage.getItem(RELOADED) ?? 0);
    sessionStorage.setItem(RELOADED, String(now));
    return now - before < 60_000;
  } catch {
    return true;
  }
}
