"""Advice that rules of several compilers share."""

HEADER = (
    "Add the package that ships {subject} to `dependencies`, or include it only where it exists."
)
UNDECLARED = "Include the header that defines {subject}; if this system does not have it, leave out what needs it, by #ifdef or a check in configure."
INCOMPLETE = "Include the header that defines {subject}; a forward declaration is not enough. If none does, the structure is opaque: use the functions of its library."
INCOMPLETE_OF = "Include the header that defines the type of {subject}; a forward declaration is not enough. If none does, the structure is opaque: use the functions of its library."
REDEFINED = "{subject} is defined twice, and the note after the error says where the other one is: remove or rename one of them, or guard the header that is included twice."
SYNTAX = (
    "Look at {file}:{line} and the lines above: a missing header or macro often reads like this."
)
CONFLICT = "Two declarations of {subject} differ, and the note after the error says where the other one is: make them agree, or rename this one if the other is the system's. Since C23 `()` declares a function without parameters."
OPTION = "This compiler does not know {subject}: test for it in configure before using it."
