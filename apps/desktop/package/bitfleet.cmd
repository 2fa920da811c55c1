@rem UNTRIED: written for Windows and never run there. bitfleet.cmd wallet, bitfleet.cmd admin: of a checkout that was built on this machine.
@node "%~dp0..\..\..\packages\node\bin\bitfleet" %*
