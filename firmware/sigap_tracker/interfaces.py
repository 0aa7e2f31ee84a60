"""What parts of the application ask of one another without knowing who answers: see interfaces.pyi beside this file."""

Machine = MachineMaker = Flash = Line = ModemPort = Notes = Listener = Work = WorkMaker = Events = Steps = Securing = (
    object
)

HEALTH = "health"
