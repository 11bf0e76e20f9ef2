/* nothing is wrong: every system has to take it */
#include <stdio.h>
int main(void) { return puts("") < 0; }
