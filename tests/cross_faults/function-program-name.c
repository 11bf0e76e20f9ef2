/* program-name is not on every system */
#define _GNU_SOURCE
#include <errno.h>
int main(void) { return *program_invocation_short_name; }
