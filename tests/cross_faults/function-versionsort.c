/* versionsort is not on every system */
#define _GNU_SOURCE
#include <dirent.h>
int main(void) { struct dirent **l; return scandir("/", &l, 0, versionsort); }
