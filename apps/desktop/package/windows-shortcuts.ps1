# UNTRIED: written for Windows and never run there.
# Puts "Bitfleet Wallet" and "Bitfleet Admin" into the start menu of this user. They run a checkout of this repository that was built on this
# machine (npm ci, npm run build), by the Node that is on the PATH now.
$ErrorActionPreference = "Stop"
$root = Resolve-Path (Join-Path $PSScriptRoot "..\..\..")
$node = (Get-Command node).Source
$menu = [Environment]::GetFolderPath("Programs")
$shell = New-Object -ComObject WScript.Shell
foreach ($app in "wallet", "admin") {
  $name = "Bitfleet " + $app.Substring(0, 1).ToUpper() + $app.Substring(1)
  $shortcut = $shell.CreateShortcut((Join-Path $menu "$name.lnk"))
  $shortcut.TargetPath = $node
  $shortcut.Arguments = '"' + (Join-Path $root "packages\node\bin\bitfleet") + '" ' + $app
  $shortcut.WindowStyle = 7
  $shortcut.Save()
  Write-Output "Wrote $name to $menu"
}
