import { textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    button: "Scan",
    title: "Scan a QR code",
    notLoaded: "The scanner was not loaded",
    read: "The code is read",
    wants: (what: string) => `Wanted here: ${what}.`,
    wanted: {
      payment: "an address or a payment link",
      watched: "a descriptor, an extended public key, an account of a device, or an address",
      psbt: "a PSBT or a signed transaction, in one code or in parts",
      cosigner: "the public key of a signer, with its origin",
      key: "a private key in wallet import format (WIF)",
    },
    camera: {
      view: "What the camera sees",
      asking: "Waiting for the camera. The browser may ask whether this page may use it.",
      on: "Hold the code in front of the camera.",
      paused: "The camera is off while nobody sees this page.",
      choose: "Camera",
      unnamed: (place: number) => `Camera ${place}`,
      torch: "Light",
      again: "Try again",
      refused:
        "This page may not use the camera. Allow it in the settings of the browser or the system and try again, or take a picture of the code.",
      none: "There is no camera here: take a picture of the code with something else.",
      busy: "The camera gives no picture: another program may have it. Close that and try again, or take a picture of the code.",
      gone: "The camera is gone. Plug it in and try again, or take a picture of the code.",
      insecure:
        "This page came over plain HTTP, where browsers give no camera. Open it over HTTPS or at http://localhost, or take a picture of the code.",
      unsupported: "This browser gives pages no camera: take a picture of the code.",
      ofWindow:
        "This window gives pages no camera. Take a picture of the code, or open the wallet by: bitfleet wallet --window chromium",
    },
    picture: {
      legend: "From a picture",
      choose: "Choose a picture",
      how: "A photo or a screenshot: choose it, drop it here, or paste it; several of them for a code in parts. Text files, too.",
      looking: "Looking for a code in the picture…",
      noCode: "No QR code was found in this picture. Take it nearer and straight, with all four corners in it.",
      unreadable: "This is no picture that the browser can read. Take a PNG or a JPEG.",
      tooLarge: (most: string) => `A picture has at most ${most} here.`,
      tooManyPixels: (most: number) =>
        `A picture has at most ${most} megapixels here: cut the code out of it, or save it smaller.`,
      endless:
        "Looking for the code took too long and was ended. Hold it still and straight in good light, or take another picture of it.",
      textTooLarge: (most: string) => `A file of text has at most ${most} here.`,
      tooMany: (most: string) => `At most ${most} files are taken at once.`,
      of: (name: string, problem: string) => `${name}: ${problem}`,
      nothing: "No picture arrived here. Choose it with the button.",
      failed: "The picture could not be looked at. Load the page anew and try again.",
    },
    code: {
      phrase:
        "This code holds a recovery phrase, or what may be one. It is not shown and not kept: whoever sees it has the coins. To restore a wallet, type its words.",
      privateKey:
        "This code holds a private key. It is not shown and not kept: whoever sees it has the coins. What it has can be swept into this wallet: Receive, Sweep a key.",
      noCosigner:
        "This has no key for shared wallets (P2WSH): have the device show the one for multisig, whose path is m/48h/…/2h.",
      cosigners:
        "These keys are for shared wallets, where several sign: one alone has no addresses. Give the descriptor that names all of them.",
      bytes: "This code holds bytes and no text, which this wallet does not read.",
      other: (what: string) => `This code is something else. Wanted here: ${what}.`,
      otherKind: (its: string, what: string) => `This code is ${its}. Wanted here: ${what}.`,
    },
    kinds: {
      psbt: "a PSBT, which is opened on the page PSBT",
      payment: "a payment link",
      address: "an address",
      watched: "a descriptor or an extended public key",
      transaction: "a signed transaction, which is opened on the page PSBT",
    },
    parts: {
      label: "Parts that are read",
      progress: (found: string, wanted: string) => `${found} of ${wanted} parts`,
      on: "Show the other parts to the camera, or choose pictures of them, in any order.",
      foreign: "This is a part of something else. The parts that were read are kept.",
      beginAnew: "Begin anew with that",
      damaged: "This part is damaged and was not read: its checksum, or what it says of itself, is wrong.",
      "too-many": "This is more than the wallet reads from codes: hand it over as a file.",
      spoilt:
        "What the parts make is damaged: they do not go together, or a checksum is wrong. They are forgotten: begin anew.",
      unknown: (name: string, what: string) =>
        `This code is of a kind that the wallet does not read (${name}). Wanted here: ${what}.`,
      notLoaded: "What reads codes of several parts could not be loaded. Load the page anew and try again.",
    },
    choices: {
      title: "The device has several kinds of addresses. Which are to be watched?",
      again: "Scan something else",
      all: (count: number) => (count === 2 ? "Both kinds" : `All ${count} kinds`),
      uses: {
        wpkh: "Segwit (BIP84)",
        tr: "Taproot (BIP86)",
        "sh-wpkh": "Nested segwit (BIP49)",
        pkh: "Legacy (BIP44)",
        output: "The descriptor",
        any: "The extended public key",
        "sh-cosigner": "A cosigner's key",
        "sh-wsh-cosigner": "A cosigner's key",
        "wsh-cosigner": "A cosigner's key",
      },
    },
  },
});
