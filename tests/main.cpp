// the test programme's main; every other file of this folder holds test cases only
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <hdf5.h>

#include "models/library.hpp"

int main(int argc, char** argv) {
    kelvolt::bring_models();
    H5dont_atexit();  // HDF5 cannot close what it met in a damaged file, and would say so at the end
    return doctest::Context(argc, argv).run();
}
