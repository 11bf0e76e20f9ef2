/* stdint.h is gone */
#include <stdlib.h>
int main(void) { uint32_t word = 0; return (int)word; }
