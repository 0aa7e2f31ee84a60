"""Starts the application on a machine, or says why not."""

import asyncio
import gc
import sys

from sigap_tracker import on_demand
from sigap_tracker.app import App
from sigap_tracker.changes import TRIAL
from sigap_tracker.errors import SettingsError
from sigap_tracker.interfaces import MachineMaker
from sigap_tracker.storage.settings import Settings

_EXIT_SETTINGS = 2


def run(arguments: "list[str]", make_machine: "MachineMaker") -> None:
    """Ends when the unit is to end.

    arguments     as in sys.argv: the settings file follows the program
    make_machine  the platform's class Hal
    """
    try:
        app = _application(arguments[1:], make_machine)
    except SettingsError as error:
        print("sigap_tracker: %s" % error, file=sys.stderr)
        try:
            on_demand.load("sigap_tracker.refusal").show(make_machine, str(error))
        except SettingsError:
            pass  # there is no machine to show it
        sys.exit(_EXIT_SETTINGS)
    gc.collect()
    asyncio.run(app.run())


def _application(arguments: "list[str]", make_machine: "MachineMaker") -> App:
    """Apart from run(), so that nothing holds the settings any longer than needed."""
    if len(arguments) != 1:
        raise SettingsError("expected one argument, the settings file")
    path = arguments[0]
    configuration = on_demand.load("sigap_tracker.configuration")
    given: Settings
    given, state = configuration.load(make_machine.open_flash, path)
    machine = make_machine(given)
    try:
        return App(machine, given, path, state)
    except SettingsError:
        if state != TRIAL:
            raise
    # What the unit cannot even begin with needs no trial.
    configuration.revert(machine.flash)
    given, state = configuration.load(make_machine.open_flash, path)
    return App(machine, given, path, state)
