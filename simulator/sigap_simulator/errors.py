"""The simulator's exceptions.

SimulatorError
├── InterpreterMissingError   no MicroPython for this platform
├── UnitError                 a unit's process or connection ended, or did not start
├── RecordingError            a receiver log that cannot be replayed
├── SettingError              an impossible setting of the simulated world
└── PortInUseError            the screens' web server cannot listen
"""


class SimulatorError(Exception):
    """The text is meant for whoever started the simulator: it says what to change."""


class InterpreterMissingError(SimulatorError):
    pass


class UnitError(SimulatorError):
    pass


class RecordingError(SimulatorError):
    pass


class SettingError(SimulatorError):
    pass


class PortInUseError(SimulatorError):
    pass
