"""Fixes out of sentences: RMC and GGA of one moment merged."""

from sigap_tracker.position import sky
from sigap_tracker.position.nmea import NmeaParser
from sigap_wire.report import COURSE_UNKNOWN, HDOP_UNKNOWN, Fix
from tests.portable.checks import sentence

# 2026-03-19 08:30:00 UTC
DAY_S = 1773878400
AT_S = DAY_S + 8 * 3600 + 30 * 60
BANDUNG = "0655.0500,S,10737.1460,E"


def rmc(time="083000.00", position=BANDUNG, speed="12.5", course="87.30", date="190326", status="A", rest=",,,A"):
    return sentence(f"GNRMC,{time},{status},{position},{speed},{course},{date}{rest}")


def gga(time="083000.00", position=BANDUNG, quality="1", satellites="09", hdop="0.95"):
    return sentence(f"GNGGA,{time},{position},{quality},{satellites},{hdop},710.2,M,3.1,M,,")


def zda(time="083000.00", date="19,03,2026"):
    return sentence(f"GNZDA,{time},{date},00,00")


def fixes_of(*parts):
    """Fixes handed out after each part of the input and, last, at its end."""
    parser = NmeaParser()
    out = [parser.feed(bytearray(part), len(part)) for part in parts]
    out.append(parser.flush())
    assert parser.fixes == sum([len(fixes) for fixes in out])
    return out


def all_of(*parts):
    return [fix for fixes in fixes_of(*parts) for fix in fixes]


def readable(text):
    parser = NmeaParser()
    parser.feed(bytearray(text), len(text))
    assert parser.sentences == 1
    assert parser.bad_checksum == 0
    return parser.unparsable == 0


WHOLE = Fix(AT_S, -69175000, 1076191000, 643, 8730, 1, 9, 95)
NO_FIX = Fix(0, 0, 0, quality=0)


def test_both_orders_make_the_same_fix_at_once():
    assert fixes_of(rmc(), gga()) == [[], [WHOLE], []]
    assert fixes_of(gga(), rmc()) == [[], [WHOLE], []]


def test_one_chunk_may_hold_many():
    text = b"".join(rmc(time=f"0830{s:02d}") + gga(time=f"0830{s:02d}") for s in range(60))
    assert [fix.fix_time_s for fix in all_of(text)] == list(range(AT_S, AT_S + 60))


def test_only_the_first_n_bytes_count():
    buf = bytearray(rmc() + gga() + rmc(time="083001"))
    parser = NmeaParser()
    assert parser.feed(buf, len(rmc()) + len(gga())) == [WHOLE]
    assert parser.feed(memoryview(buf), 0) == []
    assert parser.sentences == 2


def test_fractions_of_all_lengths_are_one_moment():
    for first, second in (("083000", "083000.0"), ("083000.5", "083000.50"), ("083000.500", "083000.500000")):
        assert len(all_of(rmc(time=first), gga(time=second))) == 1


def test_talkers_of_all_systems():
    for talker in (b"GP", b"GN", b"GL", b"GA", b"GB", b"BD", b"QZ", b"GI"):
        both = [sentence(part[1 : part.index(b"*")].decode().replace("GN", talker.decode())) for part in (rmc(), gga())]
        assert all_of(*both) == [WHOLE]


def test_a_second_talker_of_the_same_moment_adds_nothing():
    assert all_of(rmc(), rmc(speed="99.9"), gga(), gga(hdop="9.9"), rmc()) == [WHOLE]


def test_ten_a_second():
    times = [f"083000.{tenth}" for tenth in range(10)]
    found = all_of(*[part(time=time) for time in times for part in (gga, rmc)])
    assert found == [WHOLE] * 10


def test_the_quality_is_the_ggas():
    for number in range(1, 9):
        assert all_of(rmc(), gga(quality=str(number)))[0].quality == number
    assert all_of(rmc(), gga(quality="9"))[0].quality == 1  # NovAtel's own


def test_quality_zero_or_status_void_in_either_is_no_fix():
    empty = ",,,"
    for parts in (
        (rmc(status="V"), gga()),
        (rmc(), gga(quality="0")),
        (rmc(time="", status="V", position=empty, speed="", course="", date=""), gga("", empty, "0", "", "")),
        (gga("", empty, "0", "", ""), rmc(time="", status="V", position=empty, speed="", course="", date="")),
        (rmc(rest=",,,N"), gga()),
        (rmc(status=""), gga(quality="")),
    ):
        assert all_of(*parts) == [NO_FIX]


def test_no_fix_without_a_time_again_and_again():
    empty = ",,,"
    both = gga("", empty, "0", "", "") + rmc(time="", status="V", position=empty, speed="", course="", date="")
    assert all_of(both * 4) == [NO_FIX] * 4


def test_void_sentences_may_hold_nonsense():
    nonsense = rmc(status="V", position="8960.0000,N,00000.0000,E", date="000000")
    assert readable(nonsense)
    assert all_of(nonsense) == [NO_FIX]


def test_rmc_alone_waits_for_the_next_time_until_it_is_known_to_be_alone():
    found = fixes_of(*[rmc(time=f"08300{s}") for s in range(6)])
    # 3 closed by the next one's time; from then on each at once.
    assert [len(fixes) for fixes in found] == [0, 1, 1, 2, 1, 1, 0]
    fix = found[1][0]
    assert (fix.fix_time_s, fix.quality, fix.satellites, fix.hdop_centi) == (AT_S, 1, 0, HDOP_UNKNOWN)
    assert [fix.fix_time_s - AT_S for fixes in found for fix in fixes] == list(range(6))


def test_a_receiver_that_finds_its_gga_again_is_waited_for_again():
    alone = [rmc(time=f"08300{s}") for s in range(5)]
    found = fixes_of(*alone, gga(time="083004"), rmc(time="083005"), gga(time="083005"))
    assert [len(fixes) for fixes in found] == [0, 1, 1, 2, 1, 0, 0, 1, 0]
    assert found[-2][0].satellites == 9


def test_the_last_moment_needs_the_flush():
    assert fixes_of(rmc()) == [[], [Fix(AT_S, -69175000, 1076191000, 643, 8730, 1)]]
    assert fixes_of(b"") == [[], []]


def test_rmc_mode_is_the_quality_where_there_is_no_gga():
    for mode, quality in (("A", 1), ("D", 2), ("P", 3), ("R", 4), ("F", 5), ("E", 6), ("M", 7), ("S", 8), ("", 1)):
        assert all_of(rmc(rest=",,," + mode))[0].quality == quality, mode
    assert all_of(rmc(rest=""))[0].quality == 1
    assert all_of(rmc(rest=",,,A,V"))[0].quality == 1  # NMEA 4.1's navigational status says nothing of the fix


def test_gga_alone_has_a_time_once_a_date_is_known():
    found = all_of(gga(), zda(), gga(time="083001"))
    assert [fix.fix_time_s for fix in found] == [0, AT_S + 1]
    assert (found[1].speed_cmps, found[1].course_cdeg, found[1].satellites) == (0, COURSE_UNKNOWN, 9)
    assert all_of(rmc(), gga(), gga(time="083007"))[1].fix_time_s == AT_S + 7
    assert all_of(rmc(date=""))[0].fix_time_s == 0


def test_gga_alone_goes_on_as_the_last_rmc_for_a_few_seconds():
    found = all_of(rmc(), gga(), gga("083001"), gga("083003"), gga("083004"), rmc("083005", speed="2"), gga("083005"))
    assert [fix.speed_cmps for fix in found] == [643, 643, 643, 0, 103]
    assert [fix.course_cdeg for fix in found] == [8730, 8730, 8730, COURSE_UNKNOWN, 8730]
    assert all_of(gga(), rmc(speed="1.0"))[0].speed_cmps == 51


def test_gga_alone_passes_midnight():
    for date in (zda("235958", "31,12,2026"), rmc("235958", date="311226") + gga("235958")):
        times = [fix.fix_time_s for fix in all_of(date, gga("235959"), gga("000000"), gga("000001"))][-3:]
        assert times == [1798761599, 1798761600, 1798761601]


def test_midnight_between_gga_and_rmc():
    parts = [gga("235959"), rmc("235959", date="311226"), gga("000000"), rmc("000000", date="010127")]
    assert [fix.fix_time_s for fix in all_of(*parts)] == [1798761599, 1798761600]


def test_position_is_the_rmcs_in_either_order():
    here, there = "0655.0500,S,10737.1460,E", "0656.0500,S,10738.1460,E"
    for parts in ((rmc(position=here), gga(position=there)), (gga(position=there), rmc(position=here))):
        assert all_of(*parts) == [WHOLE]


def test_all_four_hemispheres():
    for position, lat_e7, lon_e7 in (
        ("0655.0500,N,10737.1460,W", 69175000, -1076191000),
        ("9000.0000,S,18000.0000,W", -900000000, -1800000000),
        ("0000.0000,N,00000.0000,E", 0, 0),
    ):
        fix = all_of(rmc(position=position))[0]
        assert (fix.lat_e7, fix.lon_e7) == (lat_e7, lon_e7)


def test_speed_and_course():
    for text, speed in (("", 0), ("0", 0), ("0.01", 1), ("1", 51), ("100", 5144), ("000.0", 0), ("2000", 102889)):
        assert all_of(rmc(speed=text))[0].speed_cmps == speed, text
    for text, course in (("", 36000), ("0", 0), ("359.994", 35999), ("359.996", 0), ("360", 0), ("124.888", 12489)):
        assert all_of(rmc(course=text))[0].course_cdeg == course, text
    assert all_of(rmc(course="361"))[0].course_cdeg == COURSE_UNKNOWN


def test_hdop_and_satellites():
    for text, hdop in (("", 9999), ("1", 100), ("0.915", 92), ("99.99", 9999), ("150.0", 9999), ("07.5", 750)):
        assert all_of(rmc(), gga(hdop=text))[0].hdop_centi == hdop, text
    for text, satellites in (("", 0), ("3", 3), ("12", 12), ("120", 99)):
        assert all_of(rmc(), gga(satellites=text))[0].satellites == satellites, text


def test_leap_second_is_the_next_days_first():
    assert all_of(rmc(time="235960", date="311216"))[0].fix_time_s == 1483228800


def test_year_of_two_digits():
    assert all_of(rmc(date="060180"))[0].fix_time_s == 315964800 + 8 * 3600 + 30 * 60
    assert all_of(rmc(date="010179"))[0].fix_time_s == 3439756800 + 8 * 3600 + 30 * 60


def test_what_cannot_be_read_is_counted_and_left_out():
    for text in (
        rmc(time="240000"),
        rmc(time="086000"),
        rmc(time="083061"),
        rmc(time="08300x"),
        rmc(time=""),
        rmc(status="X"),
        rmc(position="8960.0000,N,00000.0000,E"),
        rmc(position="9000.0001,N,00000.0000,E"),
        rmc(position="0655.0500,X,10737.1460,E"),
        rmc(position="0655.0500,,10737.1460,E"),
        rmc(position=",,,"),
        rmc(position="10737.1460,E,0655.0500,S"),
        rmc(speed="-1"),
        rmc(speed="1e3"),
        rmc(course="N"),
        rmc(date="310226"),
        rmc(date="001326"),
        rmc(date="19/03/26"),
        sentence("GNRMC,083000.00,A,0655.0500,S"),
        gga(quality="x"),
        gga(satellites="-1"),
        gga(hdop="nan"),
        gga(position="0655.0500,S,18100.0000,E"),
        gga(time=""),
        sentence("GNGGA,083000.00,0655.0500,S,10737.1460"),
        zda(date="31,02,2026"),
        zda(date="x,02,2026"),
        zda(time="250000"),
        sentence("GNZDA,083000"),
    ):
        assert not readable(text), text
        assert all_of(text) == [], text


def test_others_are_counted_only():
    for body in (
        "GPGLL,3925.9702,N,11945.9354,W,235234,A,A",
        "GNVTG,,T,,M,0.117,N,0.216,K,A",
        "GNVTG,,,,,,,,,N",
        "GPGSV,1,1,00",
        "GNGSA,A,3,01,11,31,14,22,32,04,25,03,,,,1.56,0.91,1.27",
        "GNGNS,074150.799,,,,,NNNN,00,,,0.0,,0000",
        "PUBX,00,x",
        "PMTK010,001",
        "GNZDA,,,,,00,00",
    ):
        assert readable(sentence(body)), body
        assert all_of(sentence(body)) == []


def gll(time="083000.00", position=BANDUNG, status="A", rest=",A"):
    return sentence(f"GNGLL,{position},{time},{status}{rest}")


def vtg(speed="12.5", course="87.30"):
    return sentence(f"GNVTG,{course},T,,M,{speed},N,23.2,K,A")


def gsa(dimension="3", hdop="0.95"):
    return sentence(f"GNGSA,A,{dimension},10,32,23,27,,,,,,,,,1.61,{hdop},1.37")


def test_gll_alone_is_a_position_after_a_while():
    found = fixes_of(zda("082959"), *[gll(f"08300{s}") for s in range(6)])
    assert [len(fixes) for fixes in found] == [0, 0, 0, 0, 1, 1, 1, 0]
    assert found[4] == [Fix(AT_S + 3, -69175000, 1076191000)]
    void = [gll("", ",,,", "V", ",N")] * 5
    assert all_of(*void) == [NO_FIX] * 2
    assert all_of(*[gll(f"08300{s}", rest=",D") for s in range(4)]) == [Fix(0, -69175000, 1076191000, quality=2)]


def test_gll_beside_better_ones_is_not_looked_at():
    elsewhere = "0656.0500,S,10738.1460,E"
    parts = [make(f"08300{s}") for s in range(9) for make in (lambda time: gll(time, elsewhere), rmc, gga)]
    assert [fix.lat_e7 for fix in all_of(*parts)] == [-69175000] * 9
    parts = [make(f"08300{s}") for s in range(9) for make in (gga, lambda time: gll(time, elsewhere))]
    assert [fix.lat_e7 for fix in all_of(zda(), *parts)] == [-69175000] * 9


def test_a_receiver_that_finds_its_rmc_again_is_no_gll_receiver():
    glls = [gll(f"08300{s}") for s in range(5)]
    found = all_of(zda(), *glls, rmc("083005"), gga("083005"), gll("083005"), gll("083006"))
    assert [fix.fix_time_s - AT_S for fix in found] == [3, 4, 5]
    assert found[-1].speed_cmps == 643


def test_glls_that_cannot_be_read():
    good = [gll(f"08300{s}") for s in range(3)]
    for bad in (
        gll("083003", "0660.0500,S,10737.1460,E"),
        gll("083003", ",,,"),
        gll("", BANDUNG),
        gll("246000"),
        gll("083003", status="X"),
        sentence("GNGLL,0655.0500,S,10737.1460,E"),
    ):
        parser = NmeaParser()
        for part in good + [bad]:  # noqa: RUF005 - MicroPython has no stars in a tuple
            assert parser.feed(bytearray(part), len(part)) == []
        assert parser.unparsable == 1, bad


def test_vtg_is_the_motion_where_there_is_no_rmc():
    parts = [make for s in range(6) for make in (gga(f"08300{s}"), vtg(str(10 + s)))]
    found = all_of(zda(), *parts)
    # Waited for an RMC at first, so that a moment has its own VTG; after that the VTG of the second before.
    assert [fix.speed_cmps for fix in found] == [0, 0, 617, 617, 669, 720]
    assert [fix.course_cdeg for fix in found] == [COURSE_UNKNOWN] * 2 + [8730] * 4
    glls = [make for s in range(6) for make in (gll(f"08300{s}"), vtg("10"))]
    assert [fix.speed_cmps for fix in all_of(zda(), *glls)] == [0, 514, 514]  # the first had no moment to belong to


def test_vtg_beside_an_rmc_is_not_looked_at():
    parts = [part for s in range(5) for part in (rmc(f"08300{s}"), vtg("99"), gga(f"08300{s}"), vtg("x"))]
    assert [fix.speed_cmps for fix in all_of(*parts)] == [643] * 5


def test_vtgs_that_cannot_be_read():
    ggas = b"".join(gga(f"08300{s}") for s in range(3))
    for bad in (vtg("1e1"), vtg(course="N"), sentence("GPVTG,054.7,054.7,005.5,010.2")):
        parser = NmeaParser()
        parser.feed(bytearray(ggas + bad), len(ggas) + len(bad))
        assert parser.unparsable == 1, bad


def test_gsa_has_the_hdop_that_the_gga_lacks():
    assert all_of(gsa(hdop="1.20"), rmc(), gga(hdop=""))[0].hdop_centi == 120
    assert all_of(gsa(hdop="1.20"), rmc(), gga(hdop="0.70"))[0].hdop_centi == 70
    assert all_of(gsa(hdop="1.20"), rmc(), rmc("083001"))[0].hdop_centi == 120
    # Only for a while.
    found = all_of(
        gsa(hdop="1.20"), *[part for s in range(12) for part in (rmc(f"0830{s:02d}"), gga(f"0830{s:02d}", hdop=""))]
    )
    assert [fix.hdop_centi for fix in found] == [120] * 10 + [HDOP_UNKNOWN] * 2
    assert not readable(gsa(dimension="4"))
    assert not readable(gsa(hdop="x"))
    assert not readable(sentence("GNGSA,A,3,10,32"))


def sky_after(*parts):
    parser = NmeaParser()
    for part in parts:
        parser.feed(bytearray(part), len(part))
    assert parser.unparsable == 0
    return [parser.sky[at] for at in (sky.DIMENSION, sky.IN_VIEW, sky.SIGNALS, sky.STRONGEST_DBHZ, sky.MEAN_DBHZ)]


SKY = (
    sentence("GPGSV,2,1,06,08,41,059,36,10,58,205,42,16,33,142,,18,13,284,22"),
    sentence("GPGSV,2,2,06,21,27,022,30,23,24,212,"),
    sentence("GLGSV,1,1,02,66,03,165,,73,35,045,34"),
)
SECOND = (rmc(), gga())


def test_the_sky_of_a_whole_moment():
    assert sky_after(*SKY) == [0] * 5
    assert sky_after(gsa(), *SKY, *SECOND) == [3, 8, 5, 42, 32]
    # Sentences of a next moment wait for its end.
    assert sky_after(*SKY, *SECOND, *SKY[:1]) == [0, 8, 5, 42, 32]
    # Without any, what was said last stays.
    later = [part for s in range(1, 30) for part in (rmc(f"0830{s:02d}"), gga(f"0830{s:02d}"))]
    assert sky_after(*SKY, *SECOND, *later) == [0, 8, 5, 42, 32]


def test_a_sky_without_a_signal():
    deaf = sentence("GPGSV,1,1,03,08,41,059,,10,58,205,,16,33,142,")
    assert sky_after(gsa("1"), deaf, *SECOND) == [1, 3, 0, 0, 0]
    # It is looked at again after a while.
    later = [part for s in range(1, 12) for part in (rmc(f"0830{s:02d}"), gga(f"0830{s:02d}"), deaf)]
    assert sky_after(*SKY, *SECOND, *later, rmc("083020"), gga("083020")) == [0, 3, 0, 0, 0]


def test_a_second_frequency_is_not_a_second_satellite():
    l1 = sentence("GPGSV,1,1,02,08,41,059,36,10,58,205,42,1")
    l5 = sentence("GPGSV,1,1,02,08,41,059,33,10,58,205,41,8")
    assert sky_after(l1, l5, sentence("GAGSV,1,1,01,05,41,059,40,7"), *SECOND) == [0, 3, 5, 42, 38]


def test_skies_that_cannot_be_read():
    for body in ("GPGSV,1,x,02", "GPGSV,1,1,x", "GPGSV,1,1", "GPGSV,1,1,01,08,41,059,3x"):
        parser = NmeaParser()
        text = sentence(body)
        parser.feed(bytearray(text), len(text))
        assert parser.unparsable == 1, body


def test_a_receiver_that_never_says_a_time_does_not_fill_the_sky():
    full = sentence("GPGSV,1,1,99," + ",".join(["01,02,003,99"] * 4))
    assert sky_after(*[full] * 500, *SECOND)[1:] == [99, 240, 99, 99]


def test_noise_costs_one_moment_not_the_next():
    parts = [rmc() + gga()[:-9], rmc("083001") + gga("083001")]
    assert [fix.fix_time_s - AT_S for fix in all_of(*parts)] == [0, 1]
