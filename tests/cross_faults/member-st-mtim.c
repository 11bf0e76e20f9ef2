/* control: POSIX has it */
#define _GNU_SOURCE
#include <sys/stat.h>
int main(void) { struct stat s; s.st_mtim.tv_sec = 0; return (int)s.st_mtim.tv_sec; }
