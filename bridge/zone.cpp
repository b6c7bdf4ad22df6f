// The zone database of the C library as a Calendar.
#include "bridge/zone.hpp"

#include <cstdlib>
#include <ctime>

namespace bridge {

Calendar calendar_of(const std::optional<std::string>& zone) {
    if (zone) ::setenv("TZ", zone->c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no thread yet
    ::tzset();
    return Calendar{[](Moment moment) {
        // 32 bits on Debian 12's armhf, whose clock itself ends in 2038.
        const auto seconds = static_cast<std::time_t>(moment.time_since_epoch().count());
        std::tm civil{};
        ::localtime_r(&seconds, &civil);
        return std::chrono::seconds{civil.tm_gmtoff};
    }};
}

}  // namespace bridge
