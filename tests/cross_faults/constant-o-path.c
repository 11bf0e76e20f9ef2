/* O_PATH is Linux's */
#define _GNU_SOURCE
#include <fcntl.h>
int main(void) { return O_PATH; }
