import type { Native, Pointer } from "./libraries.ts";
import type { FromWindow } from "./messages.ts";
import { fileNameOf } from "./policy.ts";

const GTK_FILE_CHOOSER_ACTION_SAVE = 1;
const GTK_RESPONSE_ACCEPT = -3;
const G_USER_DIRECTORY_DOWNLOAD = 2;
const VOID = "void Told(void *one, void *two, void *three, void *four)";

/** A place that a person chooses for a file, and what is then done. */
interface Saving {
  readonly download: Pointer;
  path: string | undefined;
}

/**
 * Answers what is to be called when a download begins: asks where the file goes, and tells where it went. It is this user's alone, as all that this
 * process makes. The page goes on meanwhile: the download waits for its place.
 *
 * All callbacks are made here, before the loop runs: while koffi is in one, none can be made; after that it would call no more of them.
 */
export function saver(
  native: Native,
  window: Pointer,
  tell: (message: FromWindow) => void,
): (download: Pointer) => void {
  const savings = new Map<Pointer, Saving>();
  const dialogs = new Map<Pointer, Saving>();
  const connect = (object: Pointer, signal: string, callback: bigint) =>
    native.g_signal_connect_data(object, signal, callback, null, null, 0);
  const onChosen = native.callback("void Chosen(void *dialog, int response, void *data)", ((
    dialog: Pointer,
    response: number,
  ) => {
    const saving = dialogs.get(dialog);
    if (saving === undefined) return;
    dialogs.delete(dialog);
    const isAccepted = response === GTK_RESPONSE_ACCEPT;
    const path: string | null = isAccepted ? native.gtk_file_chooser_get_filename(dialog) : null;
    native.g_object_unref(dialog);
    if (path === null) return native.webkit_download_cancel(saving.download);
    saving.path = path;
    native.webkit_download_set_allow_overwrite(saving.download, 1);
    native.webkit_download_set_destination(saving.download, native.g_filename_to_uri(path, null, null));
  }) as Callback);
  const onWhere = native.callback("int Where(void *download, str suggested, void *data)", ((
    download: Pointer,
    suggested: string | null,
  ) => {
    const dialog = saveDialog(native, window, fileNameOf(suggested ?? ""));
    dialogs.set(dialog, savings.get(download)!);
    connect(dialog, "response", onChosen);
    native.gtk_native_dialog_show(dialog);
    return 1;
  }) as Callback);
  const onFailed = native.callback(VOID, ((download: Pointer) => {
    const saving = savings.get(download);
    if (saving?.path !== undefined) tell({ is: "not-saved", path: saving.path });
    savings.delete(download);
  }) as Callback);
  const onFinished = native.callback(VOID, ((download: Pointer) => {
    const saving = savings.get(download);
    // It comes behind a failure too.
    if (saving?.path !== undefined) tell({ is: "saved", path: saving.path });
    savings.delete(download);
    native.g_object_unref(download);
  }) as Callback);
  return (download) => {
    native.g_object_ref(download);
    savings.set(download, { download, path: undefined });
    connect(download, "decide-destination", onWhere);
    connect(download, "failed", onFailed);
    connect(download, "finished", onFinished);
  };
}

type Callback = (...values: never[]) => unknown;

function saveDialog(native: Native, window: Pointer, name: string): Pointer {
  const dialog = native.gtk_file_chooser_native_new("Save", window, GTK_FILE_CHOOSER_ACTION_SAVE, "_Save", "_Cancel");
  const folder: string = native.g_get_user_special_dir(G_USER_DIRECTORY_DOWNLOAD) ?? native.g_get_home_dir();
  native.gtk_file_chooser_set_current_folder(dialog, folder);
  native.gtk_file_chooser_set_current_name(dialog, name);
  native.gtk_file_chooser_set_do_overwrite_confirmation(dialog, 1);
  return dialog;
}
