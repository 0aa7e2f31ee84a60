"""The steps that the talk with a modem is made of: what modem_script.py yields and modem.py performs.

(ASK, command, wanted, plain, timeout_ms)    say it and wait for its outcome, see AtDialogue.ask()
(SEND, bytes)                                just that
(PAUSE, ms)
(REMEMBER, pin)                              this PIN is about to be entered; "": it was right. Survives a power cut
(KEY, pressed), (RESET, held), (SUPPLY, on)  the modem's pins
"""

ASK, SEND, PAUSE, REMEMBER, KEY, RESET, SUPPLY = range(7)
