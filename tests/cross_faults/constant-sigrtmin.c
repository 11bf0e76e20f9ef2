/* SIGPWR is not on BSDs */
#define _GNU_SOURCE
#include <signal.h>
int main(void) { return SIGPWR; }
