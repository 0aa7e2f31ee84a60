"""The decisions in sentences, for operators, in English and Indonesian."""

from collections.abc import Iterable
from dataclasses import dataclass

from sigap_server.dispatch.events import About, Excluded, Remark

_EXCLUDED = {
    Excluded.OFF_DUTY: "off duty",
    Excluded.OUT_OF_SERVICE: "out of service",
    Excluded.EMERGENCY: "in an emergency of its own",
    Excluded.BUSY: "busy",
    Excluded.LINK_LOST: "link lost",
    Excluded.LINK_STALE: "not heard of lately",
    Excluded.NO_POSITION: "without a position",
    Excluded.POSITION_OLD: "with an old position",
    Excluded.ALREADY_ASKED: "already asked",
    Excluded.UNREACHABLE: "without a way there",
    Excluded.OFF_MAP: "off the map",
    Excluded.TOO_FAR: "too far away",
    Excluded.WRONG_KIND: "of another kind",
    Excluded.LACKS_SKILL: "without the skills",
    Excluded.OTHER_AGENCY: "of another agency",
    Excluded.OTHER_SECTOR: "of another sector",
    Excluded.RULED_OUT: "ruled out",
    Excluded.NEEDED_ELSEWHERE: "needed elsewhere",
}
# A position that makes so little difference is not worth a word.
_LATE_MIN_S = 10


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language. Templates are filled with a remark's fields, times and distances in words."""

    excluded: dict[Excluded, str]
    methods: dict[str, str]
    remarks: dict[About, str]
    only: str
    latest: str
    taken_as_none_free: str
    nearer_but: str
    no_units: str
    minutes: str
    seconds: str
    decimal: str


LANGUAGES = {
    "en": Language(
        excluded=_EXCLUDED,
        methods={"road": "by road", "straight_line": "by straight line"},
        remarks={
            About.FIRST: "{unit_id}, the first there of {count} available: {eta} {method}",
            About.PLACE_OFF_MAP: "no road that is known leads near the place",
            About.TAKEN: "taken from incident {incident_id}, as {unit_id} would need {late}",
            About.ASKED_AGAIN: "asked again as nobody else is left",
            About.COVER_SPARED: "{unit_id} would need {late} but is needed more where it is",
            About.WORKED_MORE: "{unit_id} would need {late} but has worked more today",
            About.MAY_BE_GONE: "{unit_id} needed {eta} from where it was {age} ago, {late} if it drove away",
            About.NEARER: "{unit_id} is nearer by {distance} (straight line) but needs {eta}",
            About.NEXT: "{unit_id} would need {eta}",
            About.SOONER_BUT: "{unit_id} would need {eta} but is {reason}",
            About.NOT_CONSIDERED: "{count} not considered: {counts}",
            About.NOBODY: "none of {count} units can be asked: {counts}",
        },
        only="{unit_id}, the only one available: {eta} {method}",
        latest="{late} at the latest",
        taken_as_none_free="taken from incident {incident_id}, as nobody is free",
        nearer_but="{unit_id} is nearer by {distance} (straight line) but {reason}",
        no_units="there are no units",
        minutes="{:.1f} min",
        seconds="{:.0f} s",
        decimal=".",
    ),
    "id": Language(
        excluded={
            Excluded.OFF_DUTY: "tidak bertugas",
            Excluded.OUT_OF_SERVICE: "tidak beroperasi",
            Excluded.EMERGENCY: "dalam keadaan darurat sendiri",
            Excluded.BUSY: "sibuk",
            Excluded.LINK_LOST: "terputus",
            Excluded.LINK_STALE: "lama tak terdengar",
            Excluded.NO_POSITION: "tanpa posisi",
            Excluded.POSITION_OLD: "posisinya sudah lama",
            Excluded.ALREADY_ASKED: "sudah ditanya",
            Excluded.UNREACHABLE: "tanpa jalan ke sana",
            Excluded.OFF_MAP: "di luar peta",
            Excluded.TOO_FAR: "terlalu jauh",
            Excluded.WRONG_KIND: "jenis lain",
            Excluded.LACKS_SKILL: "tanpa keahlian yang diminta",
            Excluded.OTHER_AGENCY: "dari instansi lain",
            Excluded.OTHER_SECTOR: "dari sektor lain",
            Excluded.RULED_OUT: "tidak boleh dikirim",
            Excluded.NEEDED_ELSEWHERE: "diperlukan di tempat lain",
        },
        methods={"road": "lewat jalan", "straight_line": "menurut garis lurus"},
        remarks={
            About.FIRST: "{unit_id}, yang pertama tiba dari {count} yang siap: {eta} {method}",
            About.PLACE_OFF_MAP: "tidak ada jalan yang dikenal di dekat tempat itu",
            About.TAKEN: "diambil dari insiden {incident_id}, karena {unit_id} perlu {late}",
            About.ASKED_AGAIN: "ditanya lagi karena tidak ada yang lain",
            About.COVER_SPARED: "{unit_id} perlu {late} tetapi lebih diperlukan di tempatnya",
            About.WORKED_MORE: "{unit_id} perlu {late} tetapi sudah lebih banyak bekerja hari ini",
            About.MAY_BE_GONE: "{unit_id} perlu {eta} dari posisinya {age} lalu, {late} bila sudah menjauh",
            About.NEARER: "{unit_id} lebih dekat {distance} (garis lurus) tetapi perlu {eta}",
            About.NEXT: "{unit_id} perlu {eta}",
            About.SOONER_BUT: "{unit_id} perlu {eta} tetapi {reason}",
            About.NOT_CONSIDERED: "{count} tidak dipertimbangkan: {counts}",
            About.NOBODY: "tidak satu pun dari {count} unit dapat diminta: {counts}",
        },
        only="{unit_id}, satu-satunya yang siap: {eta} {method}",
        latest="paling lambat {late}",
        taken_as_none_free="diambil dari insiden {incident_id}, karena tidak ada yang bebas",
        nearer_but="{unit_id} lebih dekat {distance} (garis lurus) tetapi {reason}",
        no_units="tidak ada unit",
        minutes="{:.1f} menit",
        seconds="{:.0f} detik",
        decimal=",",
    ),
}


def sentence(remarks: Iterable[Remark], language: str = "en") -> str:
    """ "unit-7, the first there of 9 available: 3.2 min by road; unit-4 is nearer by 400 m (straight line) but needs
    6.1 min; 3 not considered: 2 busy, 1 off duty". `language` is one of LANGUAGES."""
    return "; ".join(_in_words(remark, LANGUAGES[language]) for remark in remarks)


def _in_words(remark: Remark, words: Language) -> str:
    template = words.remarks[remark.about]
    if remark.about is About.FIRST:
        template = words.only if remark.count == 1 else template
        if remark.late_s is not None and remark.late_s - (remark.eta_s or 0) >= _LATE_MIN_S:
            template += ", " + words.latest
    elif remark.about is About.TAKEN and not remark.unit_id:
        template = words.taken_as_none_free
    elif remark.about is About.NEARER and remark.reason:
        template = words.nearer_but
    elif remark.about is About.NOBODY and not remark.count:
        template = words.no_units
    return template.format(
        unit_id=remark.unit_id,
        incident_id=remark.incident_id,
        count=remark.count,
        eta=_time(remark.eta_s, words),
        late=_time(remark.late_s, words),
        age=_time(remark.age_s, words),
        distance=_distance(remark.distance_m, words),
        counts=", ".join(f"{n} {words.excluded[Excluded(reason)]}" for reason, n in remark.counts.items()),
        reason=words.excluded[Excluded(remark.reason)] if remark.reason else "",
        method=words.methods.get(remark.method, remark.method),
    )


def _time(time_s: float | None, words: Language) -> str:
    if time_s is None:
        return "–"
    if time_s < 90:
        return words.seconds.format(time_s)
    return words.minutes.format(time_s / 60).replace(".", words.decimal)


def _distance(distance_m: int, words: Language) -> str:
    if distance_m < 1000:
        return f"{round(distance_m, -1)} m"
    return f"{distance_m / 1000:.1f} km".replace(".", words.decimal)
