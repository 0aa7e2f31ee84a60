/** The citizen's words in Indonesian, the language the page starts with. */

export const id = {
  title: "Tombol darurat",
  language: "Bahasa",
  press: "Ketuk 3×",
  pressHint: "Ketuk tombol tiga kali dengan cepat untuk memanggil mobil polisi terdekat.",
  drillHint: "Latihan: lakukan seperti sungguhan. Petugas tahu ini bukan keadaan darurat.",
  tapsLeft: (n: number) => `${n}× lagi`,
  drill: "Mode latihan",
  drillOn: "LATIHAN",
  drillExplained: "Untuk mencoba, bukan darurat",
  phone: "Telepon 112",

  offline: "Tidak ada jaringan. Laporan dikirim begitu tersambung, atau telepon 112.",
  location: {
    searching: "Mencari lokasi Anda …",
    ready: (m: number) => `Lokasi siap, ketelitian ±${m} m`,
    denied: "Lokasi diblokir",
    insecure: "Lokasi tidak tersedia: buka halaman ini lewat https",
    missing: "Peramban ini tidak dapat memberi lokasi",
    failed: "Lokasi belum ditemukan, tetap dicari …",
  },
  allow: {
    title: "Izinkan lokasi agar mobil menemukan Anda",
    steps: [
      "Ketuk ikon gembok atau pengaturan di samping alamat halaman ini.",
      "Buka “Izin” lalu pilih “Lokasi” → “Izinkan”.",
      "iPhone: Pengaturan → Privasi → Layanan Lokasi → Safari.",
    ],
    again: "Coba lagi",
    orPhone: "Kalau tidak bisa, telepon 112.",
  },

  locating: { title: "Menunggu lokasi", detail: "Laporan Anda disimpan dan dikirim begitu lokasi ditemukan." },
  sending: {
    title: "Mengirim …",
    detail: (n: number) => (n > 1 ? `Percobaan ke-${n}. Jangan tutup halaman ini.` : "Sebentar."),
  },
  received: { title: "Laporan diterima", detail: "Mobil terdekat sedang dicari. Tetaplah di tempat yang aman." },
  coming: {
    title: (n: number | null) => (n === null ? "Mobil menuju Anda" : `${n} menit`),
    detail: (unit: string) => `${unit} sedang menuju Anda.`,
    aCar: "Sebuah mobil",
  },
  arrived: { title: "Mobil sudah tiba", detail: (unit: string) => `${unit} ada di lokasi Anda.` },
  closed: { title: "Selesai", detail: "Kejadian ini sudah ditangani.", drill: "Sekarang Anda tahu caranya." },
  refused: {
    title: "Laporan ditolak",
    detail: "Server tidak dapat menerima laporan ini. Telepon 112.",
    again: "Kembali",
  },
  again: "Kembali ke tombol",
  silent: "Sambungan terputus, mencoba lagi …",
  steps: { received: "Diterima", coming: "Mobil menuju Anda", arrived: "Tiba", closed: "Selesai" },
  sentAt: (time: string) => `Ditekan pukul ${time}`,
};

export type Text = typeof id;
