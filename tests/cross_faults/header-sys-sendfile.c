/* sys/sendfile.h is not on every system */
#define _GNU_SOURCE
#include <sys/sendfile.h>
int main(void) { return 0; }
