/* arc4random is in no glibc before 2.36 */
#define _GNU_SOURCE
#include <stdlib.h>
int main(void) { return (int)arc4random(); }
