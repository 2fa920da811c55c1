/**
 * Keeps a web app itself, so that it opens where its server is away and says so. It never keeps an answer of the API: what is shown of the
 * chain comes from the server or not at all. The build fills in BUILD, BASE and FILES (page-build.ts).
 */
const BUILD = "__BUILD__";
/** Where the app is: the two apps of one server leave each other's paths alone. */
const BASE = "__BASE__";
/** Paths of everything that the app may load. @type {readonly string[]} */
const FILES = __FILES__;

const PREFIX = BASE === "/" ? "bitfleet-page-" : `bitfleet${BASE.replaceAll("/", "-")}page-`;
const CACHE = PREFIX + BUILD;

self.addEventListener("install", (event) => {
  // What the server has now, and not what the browser remembers of names without a hash.
  const requests = FILES.map(
    (path) => new Request(path, { cache: path.startsWith(`${BASE}assets/`) ? "default" : "no-cache" }),
  );
  event.waitUntil(keep(requests));
});

// It becomes active when no tab is left of the build before, or when a tab asks for it: so no tab loses the files of its own build.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
  else if (typeof event.data?.script === "string") event.waitUntil(answerPage(event));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith(PREFIX) && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name)))),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || !isOfApp(pathname)) return;
  if (request.mode === "navigate") event.respondWith(networkFirst(request, BASE));
  // Names with a hash never change what they mean.
  else if (pathname.startsWith(`${BASE}assets/`)) event.respondWith(cacheFirst(request));
  else if (FILES.includes(pathname)) event.respondWith(networkFirst(request, pathname));
});

/** All of it or nothing: tried again with the next look otherwise. @param {readonly Request[]} requests */
async function keep(requests) {
  const cache = await caches.open(CACHE);
  await cache.addAll(requests);
  // Where a server is being replaced, the page may be of the build before, or of the one behind; without its script it would stay empty.
  const page = (await (await cache.match(BASE))?.text()) ?? "";
  const scripts = [...page.matchAll(/<script [^>]*src="([^"]+)"/g)].map((found) => found[1]);
  if (scripts.every((path) => !path.startsWith(`${BASE}assets/`) || FILES.includes(path))) return;
  await caches.delete(CACHE);
  throw new Error("the page is of another build");
}

/**
 * Tells a page, by its script, whether it is of this build, as one is that was opened since the server has it. Where it is the only one, this build takes over:
 * without the server the one before would come, which may not know what the page has written.
 */
async function answerPage({ data, source, ports }) {
  const isOfBuild = FILES.includes(data.script);
  ports[0]?.postMessage(isOfBuild);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const others = pages.filter(({ id, url }) => id !== source?.id && isOfApp(new URL(url).pathname));
  if (isOfBuild && others.length === 0) await self.skipWaiting();
}

/** Whether it is not what the server answers itself, or has another app at. @param {string} path */
function isOfApp(path) {
  if (!path.startsWith(BASE) || path === `${BASE}sw.js`) return false;
  return BASE !== "/" || !/^\/(api|health|metrics|api-docs|swagger-ui|esplora|wallet-app)(\/|$)/.test(path);
}

/** @param {Request} request @param {string} path where it is kept */
async function networkFirst(request, path) {
  try {
    const response = await fetch(request);
    // A gateway in front of a server that is away.
    if (response.status < 502 || response.status > 504) return response;
  } catch {
    // The server is away.
  }
  return (await caches.match(path, { cacheName: CACHE, ignoreVary: true })) ?? Response.error();
}

/** @param {Request} request */
async function cacheFirst(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
