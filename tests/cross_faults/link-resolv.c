/* -lresolv was added, which is no library elsewhere */
/* LIBS: -lresolv */
int main(void) { return 0; }
