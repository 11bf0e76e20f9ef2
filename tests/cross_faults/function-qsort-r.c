/* glibc's order of arguments */
#define _GNU_SOURCE
#include <stdlib.h>
int main(void) { qsort_r(0, 0, 1, (int (*)(const void *, const void *, void *))0, (void *)0); return 0; }
