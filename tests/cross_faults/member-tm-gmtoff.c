/* glibc's name of the member without BSD's */
#define _GNU_SOURCE
#include <time.h>
int main(void) { struct tm t = { 0 }; return (int)t.__tm_gmtoff; }
