// the test programme's main; every other file of this folder holds test cases only
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
