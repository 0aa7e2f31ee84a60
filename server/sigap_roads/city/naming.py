"""Names of streets and places: what Indonesian streets are named after, and places that do not exist."""

from random import Random

_THEMES = (
    "Melati Mawar Kenanga Cempaka Anggrek Dahlia Flamboyan Teratai Kemuning Bougenvil Seruni Tanjung Wijayakusuma",
    "Jati Mahoni Beringin Akasia Cemara Damar Meranti Ketapang Trembesi Angsana Sengon Pinus Kihujan",
    "Mangga Rambutan Jambu Salak Durian Manggis Sawo Belimbing Nangka Kelapa Srikaya Duku Sirsak",
    "Merpati Rajawali Cendrawasih Kutilang Kepodang Elang Merak Garuda Camar Punai Cucakrawa Walet Perkutut",
    "Pala Cengkeh Lada Kayumanis Jahe Kunyit Kapulaga Kemiri Vanili Ketumbar Lengkuas Serai Kencur",
    "Intan Mutiara Zamrud Safir Nilam Pirus Kecubung Mirah Delima Akik Berlian Permata Baiduri",
    "Arjuna Bima Sadewa Nakula Yudistira Gatotkaca Srikandi Semar Petruk Gareng Antareja Abimanyu Kresna",
    "Bintang Bulan Matahari Pelangi Fajar Senja Embun Mega Kartika Surya Candra Halilintar Samudra",
    "Kancil Kijang Banteng Rusa Harimau Kuda Gajah Badak Landak Lutung Trenggiling Musang Anoa",
    "Angklung Gamelan Kecapi Suling Rebab Kendang Saron Bonang Calung Gong Sasando Tifa Kolintang",
    "Tenun Batik Songket Lurik Payung Keris Kujang Topeng Wayang Anyam Ukir Tembaga Gerabah",
)
_BEGINNINGS = (
    "Ci", "Suka", "Pasir", "Bojong", "Ranca", "Leuwi", "Sindang", "Karang", "Panyi", "Tegal", "Gunung", "Kebon",
    "Babakan", "Nyalin", "Curug", "Talaga", "Haur", "Sari",
)  # fmt: skip
_ENDINGS = (
    "rani", "wangsa", "lintang", "galih", "panca", "rawit", "sutra", "melang", "dampit", "warsa", "kalapa", "sanggar",
    "tirta", "gumirang", "padma", "rungkun", "seroja", "hanjuang", "wening", "campaka", "laksana", "purna", "dewata",
    "gentra", "muncang", "rancage", "jambatan", "sadaya", "tunggal", "waluya",
)  # fmt: skip
_QUARTERS = ("", " Kaler", " Kidul", " Wetan", " Kulon", " Tengah", " Girang", " Hilir")
_HEROES_FIRST = ("Raden", "Kapten", "Letnan", "Dokter", "Haji", "Pangeran", "Kolonel", "Guru")
_HEROES_LAST = (
    "Wirasena", "Sastrapraja", "Kertalaya", "Natawiguna", "Somadireja", "Wangsapati", "Argawinata", "Prawirata",
    "Surakancana", "Martaguna", "Dipalaya", "Kusumasena",
)  # fmt: skip
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


class Names:
    """Hands out names, each once; deterministic by the randomness it is given."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._towns = [f"{beginning}{ending}" for beginning in _BEGINNINGS for ending in _ENDINGS]
        random.shuffle(self._towns)
        self._heroes = [f"{first} {last}" for first in _HEROES_FIRST for last in _HEROES_LAST]
        random.shuffle(self._heroes)
        self._given = {"town": 0, "hero": 0}
        self._streets: set[str] = set()
        self._lanes: dict[str, int] = {}

    def town(self) -> str:
        """A place, such as "Sukalintang"; "Sukalintang Wetan" when the simple ones are used up."""
        number = self._next("town")
        turn, index = divmod(number, len(self._towns))
        return self._towns[index] + (_QUARTERS[turn] if turn < len(_QUARTERS) else f" {roman(turn)}")

    def hero(self) -> str:
        """A person of no history."""
        turn, index = divmod(self._next("hero"), len(self._heroes))
        return self._heroes[index] + (f" {roman(turn + 1)}" if turn else "")

    def bank(self, kind: str) -> str:
        """Of a road along a river, a railway or a toll road."""
        word = {"river": "Tepi Kali", "railway": "Samping Rel", "toll": "Frontage"}[kind]
        return f"Jalan {word} {self.town()}"

    def district(self) -> "District":
        return District(self, self.town(), self._random.choice(_THEMES).split(), self._random)

    def lane(self, street: str) -> str:
        """A lane off a street: "Gang Melati 3"."""
        self._lanes[street] = self._lanes.get(street, 0) + 1
        return f"Gang {street.removeprefix('Jalan ').removeprefix('Gang ')} {self._lanes[street]}"

    def claim(self, *wishes: str) -> str | None:
        """The first of the names that no street has yet; now it has."""
        for name in wishes:
            if name not in self._streets:
                self._streets.add(name)
                return name
        return None

    def _next(self, kind: str) -> int:
        self._given[kind] += 1
        return self._given[kind] - 1


class District:
    """A neighbourhood whose streets are named after one kind of things."""

    def __init__(self, names: Names, place: str, words: list[str], random: Random) -> None:
        self.place = place
        self._names = names
        self._words = random.sample(words, len(words))
        self._given = 0

    def street(self) -> str:
        """ "Jalan Melati", "Jalan Melati Sukalintang" where there is one already, "Jalan Melati Sukalintang II"."""
        while True:
            turn, index = divmod(self._given, len(self._words))
            self._given += 1
            there = f"Jalan {self._words[index]} {self.place}"
            wishes = (f"Jalan {self._words[index]}", there) if not turn else (f"{there} {roman(turn + 1)}",)
            name = self._names.claim(*wishes)
            if name is not None:
                return name

    def lane(self, street: str) -> str:
        return self._names.lane(street)


def roman(number: int) -> str:
    """1 → I."""
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text
