#!/bin/sh
# UNTRIED: written for macOS and never run there.
# Makes Bitfleet Wallet.app and Bitfleet Admin.app beside each other in the folder given (default: dist/desktop/macos), which run a checkout of this
# repository that was built on this machine (npm ci, npm run build), by the Node that is on the PATH now.
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
to=${1:-"$root/dist/desktop/macos"}
node=$(command -v node)
for app in wallet admin; do
  name="Bitfleet $(echo "$app" | awk '{ print toupper(substr($0, 1, 1)) substr($0, 2) }')"
  contents="$to/$name.app/Contents"
  mkdir -p "$contents/MacOS" "$contents/Resources"
  sips -s format icns "$root/apps/desktop/icons/bitfleet-$app.png" --out "$contents/Resources/icon.icns" >/dev/null || true
  cat >"$contents/MacOS/bitfleet-$app" <<LAUNCHER
#!/bin/sh
exec "$node" "$root/packages/node/bin/bitfleet" $app "\$@"
LAUNCHER
  chmod 755 "$contents/MacOS/bitfleet-$app"
  cat >"$contents/Info.plist" <<PLIST
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
  <key>CFBundleName</key><string>$name</string>
  <key>CFBundleIdentifier</key><string>local.bitfleet.$app</string>
  <key>CFBundleExecutable</key><string>bitfleet-$app</string>
  <key>CFBundleIconFile</key><string>icon</string>
  <key>CFBundlePackageType</key><string>APPL</string>
</dict></plist>
PLIST
  echo "Wrote $to/$name.app"
done
