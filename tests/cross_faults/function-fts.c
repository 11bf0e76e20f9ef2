/* fts is not in musl */
#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/stat.h>
#include <fts.h>
int main(void) { return fts_open(0, 0, 0) != 0; }
