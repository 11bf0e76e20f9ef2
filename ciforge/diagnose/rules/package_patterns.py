"""Advice and patterns that rules of several package managers share."""

ABSENT = "{subject} does not exist under this name in this release: correct the dependency for it."
NET = "A mirror or the network failed: run the job again; nothing is wrong with the source."
DEPENDS = "{subject} cannot be installed with the other packages: look for one that is held back or removed."
SCRIPTLET = "{subject} was installed, but its own script failed: the lines above say why; it may need a right that containers lack."
HOST = r"(?P<subject>[A-Za-z0-9.-]+\.[A-Za-z0-9-]+|\[[0-9a-f:]+\]|localhost)"
URL = rf"\w+://(?:[^\s/@]*@)?{HOST}(?::\d+)?"
