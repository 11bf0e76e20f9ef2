/* canonicalize is not on every system */
#define _GNU_SOURCE
#include <stdlib.h>
int main(void) { return canonicalize_file_name("/") == 0; }
