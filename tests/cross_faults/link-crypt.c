/* -lcrypt was dropped */
#define _GNU_SOURCE
#include <unistd.h>
#ifdef __linux__
#include <crypt.h>
#endif
int main(void) { return crypt("a", "b") != 0; }
