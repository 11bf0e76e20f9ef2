/* -ldl was added, which is no library elsewhere */
/* LIBS: -ldl */
int main(void) { return 0; }
