// Sets the theme before the first paint, so that the page does not flash. A file of its own, since inline scripts are forbidden.
(() => {
  // In the desktop's window the origin is another one with each start: the local process remembers.
  const desktop = document.querySelector('meta[name="bitfleet-desktop"]');
  let choice = desktop?.getAttribute("data-theme") ?? null;
  try {
    if (desktop === null) choice = localStorage.getItem("mantine-color-scheme-value");
  } catch {
    // Storage may be forbidden: then the system decides.
  }
  const isDark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", isDark ? "dark" : "light");
})();
