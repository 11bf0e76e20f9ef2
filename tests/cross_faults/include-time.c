/* time.h is gone; sys/time.h brings struct tm elsewhere */
#include <sys/time.h>
int main(void) { struct tm tm; return (int)sizeof(tm) == 0; }
