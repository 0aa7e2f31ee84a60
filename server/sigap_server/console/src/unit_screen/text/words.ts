/** The words around the unit's screen; those on it come from the unit itself. */

import type { Language } from "../../language/choice.ts";
import type { ButtonName } from "../connection.ts";

export interface Words {
  connected: string;
  lost: string;
  sound: string;
  soundOn: string;
  hint: string;
  display: string;
  buttons: Record<ButtonName, string>;
}

export const WORDS: Record<Language, Words> = {
  en: {
    connected: "Connected to the unit",
    lost: "No connection to the unit, trying again …",
    sound: "Turn the sound on",
    soundOn: "Sound on",
    hint: "Press the buttons here, or the keys 1 to 4. Hold any of them for two seconds: the officer's own emergency.",
    display: "The unit's screen",
    buttons: { accept: "Accept", decline: "Decline", on_scene: "On scene", clear: "Clear" },
  },
  id: {
    connected: "Tersambung ke unit",
    lost: "Tidak ada sambungan ke unit, mencoba lagi …",
    sound: "Nyalakan suara",
    soundOn: "Suara menyala",
    hint: "Tekan tombol di sini, atau tombol 1 sampai 4 di papan ketik. Tahan dua detik: petugas dalam bahaya.",
    display: "Layar unit",
    buttons: { accept: "Terima", decline: "Tolak", on_scene: "Di lokasi", clear: "Selesai" },
  },
};
