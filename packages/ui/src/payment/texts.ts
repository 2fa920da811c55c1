import { textsOf } from "../texts.ts";

export const paymentTexts = textsOf({
  en: {
    noAmount: "Enter an amount.",
    noNumber: "Enter the amount in digits, with a point before the fraction: 0.5",
    tooFine: "Nothing is smaller than one satoshi, 0.00000001 BTC.",
    nothing: "Enter more than nothing.",
    tooMuch: "There are not so many coins.",
    noFeerate: "Enter a feerate in satoshis a virtual byte: 2.5",
    feerateRange: "A feerate is 0.001 to 100,000 sat/vB.",
  },
});
