import { readSync, writeSync } from "node:fs";
import { saver } from "./downloads.ts";
import { loadLibraries, type Native, type Pointer } from "./libraries.ts";
import { type FromWindow, fittingSize, type ToWindow, type WindowPage, type WindowSize } from "./messages.ts";
import { heardScript, ranReader, runningScript } from "./page-scripts.ts";
import { isGranted, languageInstead, wayOf, windowTitle } from "./policy.ts";
import { settleFonts } from "./screen-fonts.ts";

const [STDIN, STDOUT] = [0, 1];
const READ_BYTES = 65_536;
/** GLib's conditions of a file. */
const [G_IO_IN, G_IO_HUP] = [1, 16];
const GTK_WINDOW_TOPLEVEL = 0;
const GTK_ORIENTATION_VERTICAL = 1;
const NO_PROXY = 1;
const [LOAD_COMMITTED, LOAD_FINISHED, NAVIGATION, NEW_WINDOW] = [2, 3, 0, 1];
const CONTROL_MASK = 4;
const [ZOOM_STEP, ZOOM_MIN, ZOOM_MAX] = [0.1, 0.5, 3];
/** Copy a link, copy, cut, paste, delete, select all: of WebKit's menu the rest is for browsers. */
const MENU_KEPT = new Set([4, 14, 15, 16, 17, 18]);
const CRASHES_MAX = 5;
/** Until a window that is to end is ended. */
const END_TIMEOUT_MS = 500;
const VOID = "void Told(void *one, void *two, void *three, void *four)";
const ASKED = "int Asked(void *one, void *two, void *three, void *four, void *five)";

/**
 * The process of one WebKitGTK window. GTK's own loop has the thread, and so nothing runs while nobody does anything; lines that come over the
 * pipe are one more of its sources. Keys and money are in the other process.
 */
export function runWindow(): void {
  const native = loadLibraries();
  const lines = lineReader();
  // GTK is to be begun before its loop is.
  let first = lines();
  while (first.lines.length === 0 && !first.isEnd) first = lines();
  if (first.isEnd) return;
  const window = openWindow(native, (JSON.parse(first.lines[0]!) as ToWindow & { readonly do: "open" }).page);
  for (const line of first.lines.slice(1)) obey(native, window, JSON.parse(line) as ToWindow);
  const onInput = native.callback("int Input(int file, int condition, void *data)", () => {
    const read = lines();
    for (const line of read.lines) obey(native, window, JSON.parse(line) as ToWindow);
    if (read.isEnd) window.end();
    return read.isEnd ? 0 : 1;
  });
  native.g_unix_fd_add(STDIN, G_IO_IN | G_IO_HUP, onInput, null);
  native.gtk_main();
}

interface WebkitWindow {
  readonly window: Pointer;
  readonly view: Pointer;
  readonly close: () => void;
  readonly end: () => void;
  setName(name: string): void;
}

function tell(message: FromWindow): void {
  try {
    writeSync(STDOUT, `${JSON.stringify(message)}\n`);
  } catch {
    // Nobody listens any more: the pipe's other end tells that too.
  }
}

function obey(native: Native, window: WebkitWindow, order: ToWindow): void {
  if (order.do === "raise") native.gtk_window_present(window.window);
  if (order.do === "title") window.setName(order.title);
  if (order.do === "close") window.close();
  if (order.do === "run") runScript(native, window.view, runningScript(order.id, order.body));
}

function openWindow(native: Native, page: WindowPage): WebkitWindow {
  native.g_set_prgname(page.programClass);
  native.g_set_application_name(page.title);
  native.gdk_set_program_class(page.programClass);
  if (native.gtk_init_check(null, null) === 0) throw new Error("the screen cannot be opened");
  settleFonts(native);
  const window = native.gtk_window_new(GTK_WINDOW_TOPLEVEL);
  native.gtk_window_set_title(window, page.title);
  native.gtk_window_set_icon_from_file(window, page.iconFile, null);
  const size = fittingSize(page.size, roomsOf(native));
  native.gtk_window_set_default_size(window, size.width, size.height);
  if (page.size.isMaximized) native.gtk_window_maximize(window);
  const context = native.webkit_web_context_new_ephemeral();
  const language = languageInstead(process.env);
  if (language !== undefined) native.webkit_web_context_set_preferred_languages(context, [language, null]);
  // The page is on this machine; no proxy is told of it.
  const data = native.webkit_web_context_get_website_data_manager(context);
  native.webkit_website_data_manager_set_network_proxy_settings(data, NO_PROXY, null);
  const view = native.webkit_web_view_new_with_context(context);
  const settings = native.webkit_web_view_get_settings(view);
  native.webkit_settings_set_enable_developer_extras(settings, page.hasDevtools ? 1 : 0);
  native.webkit_settings_set_javascript_can_access_clipboard(settings, 1);
  native.webkit_settings_set_javascript_can_open_windows_automatically(settings, 0);
  native.webkit_settings_set_enable_page_cache(settings, 0);
  native.webkit_settings_set_enable_media_stream(settings, 1);
  const box = native.gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
  const bar = noticeBar(
    native,
    box,
    "The page ended unexpectedly, and was opened again. What was sent is sent; the rest is to be entered anew.",
  );
  native.gtk_box_pack_start(box, view, 1, 1, 0);
  native.gtk_container_add(window, box);

  const onLate = native.callback("int Late(void *data)", () => process.kill(process.pid, "SIGKILL"));
  const end = () => {
    native.gtk_main_quit();
    // A dialog of WebKit has a loop of its own, which would go on for as long as it is open.
    native.g_timeout_add(END_TIMEOUT_MS, onLate, null);
  };
  const close = () => {
    tell({ is: "closed", size: sizeOf(native, window) });
    end();
  };
  let name = page.title;
  const readRan = ranReader();
  const showTitle = () => {
    const title: string | null = native.webkit_web_view_get_title(view);
    const heard = readRan(title ?? "");
    if (heard === undefined) return native.gtk_window_set_title(window, windowTitle(title, name));
    runScript(native, view, heardScript(heard));
    if (heard.ran !== undefined) tell(heard.ran);
  };
  const on = (object: Pointer, signal: string, type: string, run: (...values: never[]) => unknown) =>
    native.g_signal_connect_data(object, signal, native.callback(type, run), null, null, 0);
  on(window, "delete-event", ASKED, () => {
    close();
    return 1;
  });
  on(window, "key-press-event", ASKED, (_window: Pointer, event: Pointer) => onKey(native, view, event, close));
  on(view, "notify::title", VOID, showTitle);
  on(view, "context-menu", ASKED, (_view: Pointer, menu: Pointer) => (page.hasDevtools ? 0 : trimMenu(native, menu)));
  on(view, "permission-request", ASKED, (_view: Pointer, request: Pointer) => {
    const kind: string = native.g_type_name_from_instance(request);
    const isOfMedia = kind === "WebKitUserMediaPermissionRequest";
    const isOfSound = isOfMedia && native.webkit_user_media_permission_is_for_audio_device(request) !== 0;
    // Not in versions before 2.34: what is not answered is refused.
    const isOfScreen = isOfMedia && native.webkit_user_media_permission_is_for_display_device(request) !== 0;
    const url: string = native.webkit_web_view_get_uri(view) ?? "";
    const isGiven = isGranted({ kind, url, origin: page.origin, isOfSound, isOfScreen });
    if (isGiven) native.webkit_permission_request_allow(request);
    else native.webkit_permission_request_deny(request);
    return 1;
  });
  on(
    view,
    "decide-policy",
    "int Decide(void *view, void *decision, int type, void *data)",
    (_view: Pointer, decision: Pointer, type: number) => decide(native, view, decision, type, page.origin),
  );
  let crashes = 0;
  on(view, "web-process-terminated", VOID, () => {
    tell({ is: "crashed" });
    if (crashes++ >= CRASHES_MAX) return close();
    native.gtk_widget_show(bar);
    // A reload would be by nobody, and such a one gets no cookie: nothing would come.
    const address: string | null = native.webkit_web_view_get_uri(view);
    native.webkit_web_view_load_uri(view, address ?? page.origin);
  });
  let isReady = false;
  on(view, "load-changed", "void Loaded(void *view, int event, void *data)", (_view: Pointer, event: number) => {
    if (event === LOAD_FINISHED) tell({ is: "loaded" });
    if (event !== LOAD_COMMITTED || isReady) return;
    isReady = true;
    tell({ is: "ready" });
  });
  const save = saver(native, window, tell);
  on(context, "download-started", VOID, (_context: Pointer, download: Pointer) => save(download));
  native.gtk_widget_show_all(window);
  native.gtk_widget_grab_focus(view);
  native.webkit_web_view_load_uri(view, page.url);
  return {
    window,
    view,
    close,
    end,
    setName: (next) => {
      name = next;
      showTitle();
    },
  };
}

/** The free room of each screen, in the units of windows. */
function roomsOf(native: Native): { readonly width: number; readonly height: number }[] {
  const display = native.gdk_display_get_default();
  return Array.from({ length: native.gdk_display_get_n_monitors(display) as number }, (_, index) => {
    // x, y, width and height.
    const rectangle = new Int32Array(4);
    native.gdk_monitor_get_workarea(native.gdk_display_get_monitor(display, index), rectangle);
    return { width: rectangle[2]!, height: rectangle[3]! };
  });
}

/** A line above the page that is not there until it is shown, and goes where it is put away. */
function noticeBar(native: Native, box: Pointer, text: string): Pointer {
  const bar = native.gtk_info_bar_new();
  const label = native.gtk_label_new(text);
  native.gtk_container_add(native.gtk_info_bar_get_content_area(bar), label);
  native.gtk_info_bar_set_show_close_button(bar, 1);
  native.gtk_widget_show(label);
  native.gtk_widget_set_no_show_all(bar, 1);
  native.gtk_box_pack_start(box, bar, 0, 0, 0);
  const hide = native.callback(VOID, () => native.gtk_widget_hide(bar));
  native.g_signal_connect_data(bar, "response", hide, null, null, 0);
  return bar;
}

function sizeOf(native: Native, window: Pointer): WindowSize {
  const [width, height] = [[0], [0]] as [number[], number[]];
  native.gtk_window_get_size(window, width, height);
  return { width: width[0]!, height: height[0]!, isMaximized: native.gtk_window_is_maximized(window) === 1 };
}

/** Keys of the window itself; the page gets all others. 1 where it was one. */
function onKey(native: Native, view: Pointer, event: Pointer, close: () => void): number {
  const [key, mask] = [[0], [0]] as [number[], number[]];
  native.gdk_event_get_keyval(event, key);
  native.gdk_event_get_state(event, mask);
  const name = KEY_NAMES.get(key[0]!);
  const hasControl = (mask[0]! & CONTROL_MASK) !== 0;
  if (name === undefined || (!hasControl && name !== "F5")) return 0;
  if (name === "F5" || name === "r") native.webkit_web_view_reload(view);
  else if (name === "q" || name === "w") close();
  else zoom(native, view, name);
  return 1;
}

const KEY_NAMES: ReadonlyMap<number, "q" | "w" | "r" | "+" | "-" | "0" | "F5"> = new Map([
  [0x71, "q"],
  [0x51, "q"],
  [0x77, "w"],
  [0x57, "w"],
  [0x72, "r"],
  [0x52, "r"],
  [0x2b, "+"],
  [0x3d, "+"],
  [0xffab, "+"],
  [0x2d, "-"],
  [0xffad, "-"],
  [0x30, "0"],
  [0xffb0, "0"],
  [0xffc2, "F5"],
]);

function zoom(native: Native, view: Pointer, key: string): void {
  const now: number = native.webkit_web_view_get_zoom_level(view);
  const wanted = key === "0" ? 1 : now + (key === "+" ? ZOOM_STEP : -ZOOM_STEP);
  native.webkit_web_view_set_zoom_level(view, Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, wanted)));
}

/** Takes away what is for browsers. 1 where nothing is left to show. */
function trimMenu(native: Native, menu: Pointer): number {
  for (let index = native.webkit_context_menu_get_n_items(menu) - 1; index >= 0; index--) {
    const item = native.webkit_context_menu_get_item_at_position(menu, index);
    const action = native.webkit_context_menu_item_get_stock_action(item);
    if (!MENU_KEPT.has(action)) native.webkit_context_menu_remove(menu, item);
  }
  return native.webkit_context_menu_get_n_items(menu) === 0 ? 1 : 0;
}

function decide(native: Native, view: Pointer, decision: Pointer, type: number, origin: string): number {
  if (type !== NAVIGATION && type !== NEW_WINDOW) {
    if (native.webkit_response_policy_decision_is_mime_type_supported(decision) === 1) return 0;
    native.webkit_policy_decision_download(decision);
    return 1;
  }
  const action = native.webkit_navigation_policy_decision_get_navigation_action(decision);
  const url: string = native.webkit_uri_request_get_uri(native.webkit_navigation_action_get_request(action));
  const way = wayOf(url, origin, native.webkit_navigation_action_is_user_gesture(action) === 1);
  if (way === "inside" && type === NAVIGATION) {
    native.webkit_policy_decision_use(decision);
    return 1;
  }
  native.webkit_policy_decision_ignore(decision);
  if (way === "elsewhere") tell({ is: "elsewhere", url });
  // There is one window: what would open in another opens in this one.
  if (way === "inside") native.webkit_web_view_load_uri(view, url);
  return 1;
}

function runScript(native: Native, view: Pointer, script: string): void {
  native.webkit_web_view_evaluate_javascript(view, script, -1, null, null, null, null, null);
}

/** Reads what has come without waiting for more. */
function lineReader(): () => { readonly lines: readonly string[]; readonly isEnd: boolean } {
  const bytes = Buffer.alloc(READ_BYTES);
  let text = "";
  return () => {
    const count = readSync(STDIN, bytes);
    text += bytes.toString("utf8", 0, count);
    const lines = text.split("\n");
    text = lines.pop()!;
    return { lines, isEnd: count === 0 };
  };
}
