/* d_off is not in every struct dirent */
#define _GNU_SOURCE
#include <dirent.h>
int main(void) { struct dirent d; d.d_off = 0; return (int)d.d_off; }
