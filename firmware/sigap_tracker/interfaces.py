"""What parts of the application ask of one another without knowing who answers: see interfaces.pyi beside this file."""

Machine = MachineMaker = Flash = FlashOpener = Proof = Line = ModemPort = Notes = Listener = Images = object
Work = WorkMaker = Events = Steps = Securing = object
Verdicts = Pauses = Stream = Requests = Updating = Restart = object

HEALTH = "health"
SELF_TEST = "self-test"
MAINTENANCE = "maintenance"
MAINTENANCE_OVER = "maintenance over"
RESET_CAUSES = "unknown power_on reset watchdog brownout ignition pin"
