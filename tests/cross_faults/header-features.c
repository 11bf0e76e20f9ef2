/* features.h is not on every system */
#define _GNU_SOURCE
#include <features.h>
int main(void) { return 0; }
