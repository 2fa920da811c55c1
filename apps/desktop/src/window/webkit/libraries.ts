import { writeSync } from "node:fs";
import { createRequire } from "node:module";

const STDERR = 2;

/** What is used of koffi, the foreign function interface. */
interface Koffi {
  load(path: string): Library;
  proto(definition: string): unknown;
  pointer(type: unknown): unknown;
  register(callback: (...values: never[]) => unknown, type: unknown): bigint;
}

interface Library {
  func(name: string, result: string, parameters: readonly string[]): NativeFunction;
}

// biome-ignore lint/suspicious/noExplicitAny: the types of C are told to koffi, which checks them at each call
export type NativeFunction = (...values: any[]) => any;
export type Pointer = unknown;

/** Names of the two versions that speak the same interface: with libsoup 3, and with libsoup 2. */
const WEBKIT_NAMES = ["libwebkit2gtk-4.1.so.0", "libwebkit2gtk-4.0.so.37"] as const;

export const WEBKIT_HINT = "apt-get install libwebkit2gtk-4.1-0 (dnf install webkit2gtk4.1, pacman -S webkit2gtk-4.1)";

const P = "void *";

/** Each function with what it returns and takes, as GTK 3's and WebKitGTK's headers have it. */
const FUNCTIONS = {
  gtk: {
    gtk_init_check: ["int", P, P],
    gtk_main: ["void"],
    gtk_main_quit: ["void"],
    gtk_settings_get_default: [P],
    gtk_settings_set_string_property: ["void", P, "str", "str", "str"],
    gtk_window_new: [P, "int"],
    gtk_window_set_title: ["void", P, "str"],
    gtk_window_set_default_size: ["void", P, "int", "int"],
    gtk_window_get_size: ["void", P, "_Out_ int *", "_Out_ int *"],
    gtk_window_is_maximized: ["int", P],
    gtk_window_maximize: ["void", P],
    gtk_window_present: ["void", P],
    gtk_window_set_icon_from_file: ["int", P, "str", P],
    gtk_container_add: ["void", P, P],
    gtk_box_new: [P, "int", "int"],
    gtk_box_pack_start: ["void", P, P, "int", "int", "uint"],
    gtk_widget_show_all: ["void", P],
    gtk_widget_hide: ["void", P],
    gtk_widget_show: ["void", P],
    gtk_widget_destroy: ["void", P],
    gtk_widget_grab_focus: ["void", P],
    gtk_widget_set_no_show_all: ["void", P, "int"],
    gtk_info_bar_new: [P],
    gtk_info_bar_get_content_area: [P, P],
    gtk_info_bar_set_show_close_button: ["void", P, "int"],
    gtk_label_new: [P, "str"],
    gtk_file_chooser_native_new: [P, "str", P, "int", "str", "str"],
    gtk_native_dialog_show: ["void", P],
    gtk_file_chooser_set_current_name: ["void", P, "str"],
    gtk_file_chooser_set_current_folder: ["int", P, "str"],
    gtk_file_chooser_set_do_overwrite_confirmation: ["void", P, "int"],
    gtk_file_chooser_get_filename: ["str", P],
  },
  gdk: {
    gdk_set_program_class: ["void", "str"],
    gdk_display_get_default: [P],
    gdk_display_get_n_monitors: ["int", P],
    gdk_display_get_monitor: [P, P, "int"],
    gdk_monitor_get_workarea: ["void", P, P],
    gdk_event_get_keyval: ["int", P, "_Out_ uint *"],
    gdk_event_get_state: ["int", P, "_Out_ int *"],
  },
  glib: {
    g_set_prgname: ["void", "str"],
    g_set_application_name: ["void", "str"],
    g_timeout_add: ["uint", "uint", P, P],
    g_unix_fd_add: ["uint", "int", "int", P, P],
    g_filename_to_uri: ["str", "str", P, P],
    g_get_user_special_dir: ["str", "int"],
    g_get_home_dir: ["str"],
  },
  gobject: {
    g_signal_connect_data: ["ulong", P, "str", P, P, P, "int"],
    g_object_ref: [P, P],
    g_object_unref: ["void", P],
    g_object_get_property: ["void", P, "str", P],
    g_value_init: [P, P, "size_t"],
    g_value_get_string: ["str", P],
    g_value_unset: ["void", P],
    g_type_name_from_instance: ["str", P],
  },
  webkit: {
    webkit_web_context_new_ephemeral: [P],
    webkit_web_context_set_preferred_languages: ["void", P, "const char **"],
    webkit_web_context_get_website_data_manager: [P, P],
    webkit_website_data_manager_set_network_proxy_settings: ["void", P, "int", P],
    webkit_web_view_new_with_context: [P, P],
    webkit_web_view_get_settings: [P, P],
    webkit_web_view_load_uri: ["void", P, "str"],
    webkit_web_view_reload: ["void", P],
    webkit_web_view_get_title: ["str", P],
    webkit_web_view_get_uri: ["str", P],
    webkit_web_view_get_zoom_level: ["double", P],
    webkit_web_view_set_zoom_level: ["void", P, "double"],
    webkit_web_view_evaluate_javascript: ["void", P, "str", "long", "str", "str", P, P, P],
    webkit_settings_set_enable_developer_extras: ["void", P, "int"],
    webkit_settings_set_javascript_can_access_clipboard: ["void", P, "int"],
    webkit_settings_set_javascript_can_open_windows_automatically: ["void", P, "int"],
    webkit_settings_set_enable_page_cache: ["void", P, "int"],
    webkit_settings_set_enable_media_stream: ["void", P, "int"],
    webkit_navigation_policy_decision_get_navigation_action: [P, P],
    webkit_navigation_action_get_request: [P, P],
    webkit_navigation_action_is_user_gesture: ["int", P],
    webkit_uri_request_get_uri: ["str", P],
    webkit_response_policy_decision_is_mime_type_supported: ["int", P],
    webkit_policy_decision_use: ["void", P],
    webkit_policy_decision_ignore: ["void", P],
    webkit_policy_decision_download: ["void", P],
    webkit_permission_request_allow: ["void", P],
    webkit_permission_request_deny: ["void", P],
    webkit_user_media_permission_is_for_audio_device: ["int", P],
    webkit_user_media_permission_is_for_display_device: ["int", P],
    webkit_download_set_destination: ["void", P, "str"],
    webkit_download_set_allow_overwrite: ["void", P, "int"],
    webkit_download_cancel: ["void", P],
    webkit_context_menu_get_n_items: ["uint", P],
    webkit_context_menu_get_item_at_position: [P, P, "uint"],
    webkit_context_menu_item_get_stock_action: ["int", P],
    webkit_context_menu_remove: ["void", P, P],
  },
} as const;

type Tables = typeof FUNCTIONS;
type Names = { [Part in keyof Tables]: keyof Tables[Part] }[keyof Tables];

export type Native = Readonly<Record<Names, NativeFunction>> & {
  /** A function of ours as C calls it; kept for as long as the process runs. */
  readonly callback: (definition: string, run: (...values: never[]) => unknown) => bigint;
};

/** GTK and WebKitGTK. Throws `Error` with what is missing, in a few words. */
export function loadLibraries(): Native {
  const koffi = loadKoffi();
  const libraries = {
    gtk: loadNamed(koffi, "libgtk-3.so.0"),
    gdk: loadNamed(koffi, "libgdk-3.so.0"),
    glib: loadNamed(koffi, "libglib-2.0.so.0"),
    gobject: loadNamed(koffi, "libgobject-2.0.so.0"),
    webkit: firstOf(koffi, WEBKIT_NAMES),
  };
  const bound = Object.entries(FUNCTIONS).flatMap(([part, table]) =>
    Object.entries(table as Readonly<Record<string, readonly string[]>>).map(([name, [result, ...parameters]]) => {
      return [name, bind(libraries[part as keyof typeof libraries], name, result!, parameters)] as const;
    }),
  );
  const types = new Map<string, unknown>();
  const typeOf = (definition: string) => {
    const type = types.get(definition) ?? koffi.pointer(koffi.proto(definition));
    types.set(definition, type);
    return type;
  };
  const callback: Native["callback"] = (definition, run) => koffi.register(guarded(run), typeOf(definition));
  return { ...(Object.fromEntries(bound) as Record<Names, NativeFunction>), callback };
}

/** What a callback throws would be thrown again at each later one, and none would run any more. */
const guarded =
  (run: (...values: never[]) => unknown) =>
  (...values: never[]): unknown => {
    try {
      return run(...values);
    } catch (error) {
      // At once: the loop that would write it later is not ours.
      writeSync(STDERR, `${(error as Error).message}\n`);
      return 0;
    }
  };

/** A version that is too old lacks one: that is said when it is called. */
function bind(library: Library, name: string, result: string, parameters: readonly string[]): NativeFunction {
  try {
    return library.func(name, result, parameters);
  } catch {
    return () => {
      throw new Error(`the installed WebKitGTK has no ${name}`);
    };
  }
}

function loadKoffi(): Koffi {
  try {
    // Not an import: koffi may be absent, and its binary must stay a file where programs are bundled.
    return createRequire(import.meta.url)("koffi") as Koffi;
  } catch {
    throw new Error("koffi is not installed (npm install koffi)");
  }
}

function loadNamed(koffi: Koffi, name: string): Library {
  try {
    return koffi.load(name);
  } catch {
    throw new Error(`${name} is not installed (${WEBKIT_HINT})`);
  }
}

function firstOf(koffi: Koffi, names: readonly string[]): Library {
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch {
      // The other one, then.
    }
  }
  throw new Error(`WebKitGTK is not installed (${WEBKIT_HINT})`);
}
