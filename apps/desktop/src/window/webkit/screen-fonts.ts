import type { Native } from "./libraries.ts";

const G_TYPE_STRING = 64;
const G_VALUE_BYTES = 24;
/** What GDK takes for granted where no desktop says how letters are to be fitted to pixels. */
const HINTING_OF_NOBODY = "hintmedium";

/**
 * Where no desktop has said how letters are to be fitted to pixels, does it as fontconfig's own default has it. What GDK has in its place, of older days,
 * makes thin bars and thick stems of bold letters at some sizes: a face without serifs looks as if it had them.
 */
export function settleFonts(native: Native): void {
  const settings = native.gtk_settings_get_default();
  const value = Buffer.alloc(G_VALUE_BYTES);
  native.g_value_init(value, G_TYPE_STRING);
  native.g_object_get_property(settings, "gtk-xft-hintstyle", value);
  const hinting: string | null = native.g_value_get_string(value);
  native.g_value_unset(value);
  if (hinting !== HINTING_OF_NOBODY) return;
  native.gtk_settings_set_string_property(settings, "gtk-xft-hintstyle", "hintslight", "bitfleet");
}
