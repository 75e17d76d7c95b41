/// How often this thread took memory from the heap; the test programme replaces operator new to count.
#pragma once

namespace kelvolt::test {

long heap_allocations();

}  // namespace kelvolt::test
