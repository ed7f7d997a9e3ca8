#include "cli/main.h"

int main(int argc, char** argv) { return portal::cli::Main(argc, argv); }
