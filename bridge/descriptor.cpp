#include "bridge/descriptor.hpp"

#include <unistd.h>

namespace bridge {

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

bool Descriptor::close() { return ::close(release()) == 0; }

}  // namespace bridge
