/* sys/stat.h is gone; fcntl.h has struct stat on Linux */
#define _GNU_SOURCE
#include <fcntl.h>
int main(void) { struct stat st; return (int)sizeof(st) == 0; }
