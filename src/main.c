// The program: everything is in the library; this file alone ends the process.
#include "qd.h"

int main(int argc, char **argv) { return qd_main(argc, argv); }
