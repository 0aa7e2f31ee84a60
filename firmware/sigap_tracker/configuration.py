"""The unit's settings through time: as it was provisioned, as they were changed from afar, and the way back.

The settings file is how the unit was provisioned; the unit never writes it. A change from afar becomes a record in one
of the two slots in flash, a JSON object:

    file       CRC-32 of the settings file that it changes; another file is a new provisioning, and the record is void
    revision   of the change, as the server named it
    outcome    what the server was told of it, result.APPLIED …
    settings   all that are given, by their keys with a dot
    before     those to go back to, while nobody knows yet whether the unit gets through with the new ones
    starts     with them, so far
    say        1 while the server has to be told how the change ended

Loaded on demand. Everything raises OSError as the flash does.
"""

import json
from binascii import crc32

from sigap_tracker.changes import ANEW, APPLY, NOTHING, OWES, SETTLED, TELL, TRIAL
from sigap_tracker.errors import SettingsError
from sigap_tracker.interfaces import Flash, FlashOpener, Proof
from sigap_tracker.storage import settings as schema
from sigap_tracker.storage.flash_map import SETTINGS_FIRST
from sigap_tracker.storage.settings import Settings
from sigap_tracker.storage.slots import Slots
from sigap_wire import result
from sigap_wire.config import Config
from sigap_wire.errors import WireError

# What may be changed while the unit runs. All else takes effect at its next start.
_LIVE = ("policy.", "gate.", "power.", "language", "callsign", "utc_offset_min", "health_interval_s")
# A mistake in these keeps the unit from the server: they are on trial until it got through.
_ON_TRIAL = ("mqtt.", "wifi.", "modem.", "line")
# Who the unit is and how it is built is not for the server to say.
_FIXED = ("unit_id", "gps", "state_dir", "modem.device")

_STARTS_MAX = 5  # on trial


def load(open_flash: "FlashOpener", path: str) -> "tuple[Settings, int]":
    """(settings to start with, SETTLED or OWES or TRIAL). Raises SettingsError if there are none.

    open_flash   the platform's Hal.open_flash
    """
    crc = 0
    provisioned = None
    refusal = "no settings"
    try:
        content = schema.read(path)
        crc = crc32(content)
        provisioned = schema.check(schema.parse(path, content))
    except SettingsError as error:
        refusal = str(error)
    try:
        flash = open_flash(provisioned)
        record = _record(flash) if flash is not None else None
        if record is not None and (provisioned is None or record["file"] == crc):
            if "before" in record:
                record["starts"] += 1
                if record["starts"] > _STARTS_MAX or _checked(record) is None:
                    _go_back(record)
                assert flash is not None
                _store(flash, record)
            settings = _checked(record)
            if settings is not None:
                return settings, TRIAL if "before" in record else OWES if record["say"] else SETTLED
    except OSError:
        pass  # a unit with a broken flash is still a unit
    if provisioned is None:
        raise SettingsError(refusal)
    return provisioned, SETTLED


def present(flash: Flash, path: str) -> Settings:
    """The settings that the unit runs with. Raises SettingsError if that cannot be told any more."""
    record = _record(flash)
    if record is not None and record["file"] == _file_crc(path):
        settings = _checked(record)
        if settings is not None:
            return settings
    return schema.load(path)


def change(flash: Flash, path: str, payload: bytes, prove: "Proof") -> "tuple[int, int, str, int, Settings | None]":
    """Take a config message: (revision, outcome, detail) for its result, what the application has to do, and with APPLY
    the settings. What is not refused is safe when this returns.

    prove   raises SettingsError for settings that the unit could not begin with
    """
    try:
        config = Config.decode(payload)
    except WireError as error:
        return 0, result.REFUSED, str(error), NOTHING, None
    if not config.changes:
        return config.revision, result.APPLIED, "", TELL, None
    try:
        outcome, effect, settings = _changed(flash, path, config, prove)
        return config.revision, outcome, "", effect, settings
    except (SettingsError, OSError, ValueError) as error:
        return config.revision, result.REFUSED, str(error), NOTHING, None


def _changed(flash: Flash, path: str, config: Config, prove: "Proof") -> "tuple[int, int, Settings | None]":
    """(outcome, effect, settings). Raises SettingsError, and OSError or ValueError as the slots do."""
    record = _record(flash)
    crc = _file_crc(path)
    if record is None or (crc and record["file"] != crc):
        given = schema.flat(schema.parse(path, schema.read(path)))
        record = {"file": crc, "revision": 0, "settings": given}
    if config.revision == record["revision"]:
        return record["outcome"], NOTHING, None
    if config.revision < record["revision"]:
        raise SettingsError("revision %d was applied already" % record["revision"])
    for key in config.changes:
        if key in _FIXED:
            raise SettingsError("%s is not changed from afar" % key)
    before = record["settings"]
    record["settings"] = dict(before)
    record["settings"].update(config.changes)
    settings = schema.check(record["settings"])
    prove(settings)
    changed = [key for key, value in config.changes.items() if before.get(key) != value]
    later = [key for key in changed if not _begins(key, _LIVE)]
    if [key for key in changed if _begins(key, _ON_TRIAL)] and "before" not in record:
        record["before"] = before
    record["revision"] = config.revision
    # What an earlier change left to the next start stays left to it.
    record["say"] = int(bool(later or record.get("say")))
    record["outcome"] = result.PENDING if later else result.APPLIED
    record["starts"] = 0
    _store(flash, record)
    return record["outcome"], ANEW if later else APPLY, None if later else settings


def connected(flash: Flash) -> "tuple[int, int] | None":
    """The unit got through to the server: its settings are good. (revision, outcome) if the server waits for it."""
    record = _record(flash)
    if record is None or not record["say"]:
        return None
    record.pop("before", None)
    if record["outcome"] == result.PENDING:
        record["outcome"] = result.APPLIED
    record["say"] = 0
    _store(flash, record)
    return record["revision"], record["outcome"]


def revert(flash: Flash) -> None:
    """The unit did not get through with its new settings: those before count from its next start on."""
    record = _record(flash)
    if record is not None and "before" in record:
        _go_back(record)
        _store(flash, record)


def _begins(key: str, beginnings: "tuple[str, ...]") -> bool:
    return bool([one for one in beginnings if key.startswith(one)])


def _file_crc(path: str) -> int:
    """0 where there is no such file."""
    try:
        crc: int = crc32(schema.read(path))
        return crc
    except SettingsError:
        return 0


def _go_back(record: "dict[str, object]") -> None:
    record["settings"] = record.pop("before")
    record["outcome"] = result.ROLLED_BACK
    record["say"] = 1


def _record(flash: Flash):  # type: ignore[no-untyped-def]
    """The slots' record as a dict, None if there is none that could be used."""
    document = Slots(flash, SETTINGS_FIRST).load()
    try:
        record = json.loads(document or b"")
    except ValueError:
        return None
    if not isinstance(record, dict) or not isinstance(record.get("settings"), dict):
        return None
    if not isinstance(record.get("before", {}), dict):
        return None
    for key in ("file", "revision", "outcome", "say", "starts"):
        if not isinstance(record.get(key), int):
            return None
    return record


def _store(flash: Flash, record: "dict[str, object]") -> None:
    Slots(flash, SETTINGS_FIRST).store(json.dumps(record).encode())


def _checked(record: "dict[str, object]") -> "Settings | None":
    """Its settings, without what this version of the program does not know; None if they are not good for it."""
    given = record["settings"]
    assert isinstance(given, dict)
    known = schema.known_keys()
    try:
        return schema.check({key: value for key, value in given.items() if key in known})
    except SettingsError:
        return None
