/* -lm was dropped */
#include <math.h>
int main(int argc, char *argv[]) { (void)argv; return (int)fmod(argc, 2.5); }
