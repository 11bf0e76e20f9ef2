/* an option of GNU ld */
/* LIBS: -Wl,--no-copy-dt-needed-entries */
int main(void) { return 0; }
