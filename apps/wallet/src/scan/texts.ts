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
      watched: "a descriptor, an extended public key or an address",
      psbt: "a PSBT in base64",
      cosigner: "the public key of a signer, with its origin",
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
      how: "A photo or a screenshot: choose it, drop it here, or paste it.",
      looking: "Looking for a code in the picture…",
      noCode: "No QR code was found in this picture. Take it nearer and straight, with all four corners in it.",
      unreadable: "This is no picture that the browser can read. Take a PNG or a JPEG.",
      tooLarge: (most: string) => `A picture has at most ${most} here.`,
      tooManyPixels: (most: number) =>
        `A picture has at most ${most} megapixels here: cut the code out of it, or save it smaller.`,
      endless:
        "Looking for the code took too long and was ended. Hold it still and straight in good light, or take another picture of it.",
      nothing: "No picture arrived here. Choose it with the button.",
      failed: "The picture could not be looked at. Load the page anew and try again.",
    },
    code: {
      phrase:
        "This code holds a recovery phrase, or what may be one. It is not shown and not kept: whoever sees it has the coins. To restore a wallet, type its words.",
      privateKey: "This code holds a private key. It is not shown and not kept: whoever sees it has the coins.",
      part: (name: string) =>
        `This code is in the form of several that belong together (${name}), which this wallet does not read: hand it over as a file, or as one code of plain text.`,
      bytes: "This code holds bytes and no text, which this wallet does not read.",
      other: (what: string) => `This code is something else. Wanted here: ${what}.`,
      otherKind: (its: string, what: string) => `This code is ${its}. Wanted here: ${what}.`,
    },
    kinds: {
      psbt: "a PSBT, which is opened on the page PSBT",
      payment: "a payment link",
      address: "an address",
      watched: "a descriptor or an extended public key",
    },
  },
});
