/* string.h is gone */
#include <stdio.h>
int main(int argc, char *argv[]) { return (int)strlen(argv[0]) == argc; }
